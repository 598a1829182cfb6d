/** Service definitions out of .proto files. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServiceDefinition } from "@grpc/grpc-js";
import { type AnyDefinition, type ServiceDefinition as Loaded, loadSync, type Options } from "@grpc/proto-loader";

const OPTIONS: Options = { keepCase: true, longs: Number, enums: String };

const isService = (definition: AnyDefinition): definition is Loaded => !("fileDescriptorProtos" in definition);

/** All services of files, by full name. Throws a sentence that names the file that cannot be read. */
export function servicesOf(files: readonly string[], includeDirs: readonly string[] = []): Map<string, Loaded> {
  const services = new Map<string, Loaded>();
  for (const file of files) {
    for (const [name, definition] of Object.entries(load(file, includeDirs)))
      if (isService(definition)) services.set(name, definition);
  }
  return services;
}

function load(file: string, includeDirs: readonly string[]) {
  try {
    return loadSync(file, { ...OPTIONS, includeDirs: [...includeDirs, dirname(file)] });
  } catch (cause) {
    const text = `expected a readable .proto file at ${file}, found: ${(cause as Error).message}; check the path and the imports (include_dirs)`;
    throw new Error(text, { cause });
  }
}

/** A voice service of the package's own protos, e.g. `asr.proto` and `june.asr.SpeechToText`. */
export function voiceService(file: string, name: string): ServiceDefinition {
  const path = fileURLToPath(new URL(`../../config/protos/${file}`, import.meta.url));
  return servicesOf([path]).get(name)! as unknown as ServiceDefinition;
}
