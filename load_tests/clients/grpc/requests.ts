/** What a call sends: bytes made once where nothing changes from call to call, else filled and encoded each time. */
import { readFileSync } from "node:fs";
import { Metadata } from "@grpc/grpc-js";
import type { Ms } from "../../core/model.ts";
import { compileJson, compileText, hasTemplate, type Values } from "../../core/template.ts";
import { isFileBytes } from "./message.ts";

type Build<T> = (values: Values) => T;

/** Each message of a call, as `encode` makes it; throws where a template lacks a value. */
export function compileMessages<T>(messages: readonly object[], encode: (message: object) => T): Build<readonly T[]> {
  const read = fileReader();
  const builds = messages.map((message) => compileMessage(read(message) as object, encode));
  if (builds.every(({ constant }) => constant)) {
    const bytes = builds.map(({ build }) => build(NO_VALUES));
    return () => bytes;
  }
  const [only] = builds;
  if (builds.length === 1) return (values) => [only!.build(values)];
  return (values) => builds.map(({ build }) => build(values));
}

/** Constants ask for no value. */
const NO_VALUES = {} as Values;

function compileMessage<T>(message: object, encode: (message: object) => T): { constant: boolean; build: Build<T> } {
  const fill = compileJson(message);
  if (hasTemplate(message)) return { constant: false, build: (values) => encode(fill(values) as object) };
  const bytes = encode(message);
  return { constant: true, build: () => bytes };
}

/** Puts files in the place of `{file: path}`, as base64 text; each file is read once. */
function fileReader(): (value: unknown) => unknown {
  const files = new Map<string, Buffer>();
  const bytesOf = (file: string) => files.get(file) ?? files.set(file, readFileSync(file)).get(file)!;
  return function read(value: unknown): unknown {
    if (isFileBytes(value)) return bytesOf(value.file).subarray(value.from, value.to).toString("base64");
    if (Array.isArray(value)) return value.map(read);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, read(item)]));
  };
}

/**
 * The metadata of a call with its deadline, which the service sees and grpc-js keeps no timer for. Values of keys that
 * end in `-bin` are base64 text. grpc-js copies what it is given, so one object may serve many calls.
 */
export function compileMetadata(entries: Readonly<Record<string, string>>): (values: Values, timeout: Ms) => Metadata {
  let constant = new Metadata();
  let deadline: Ms = Number.NaN;
  const varying: [string, Build<string>][] = [];
  for (const [key, text] of Object.entries(entries)) {
    if (hasTemplate(text)) varying.push([key, compileText(text)]);
    else constant.set(key, metadataValue(key, text));
  }
  return (values, timeout) => {
    if (timeout !== deadline) {
      constant = constant.clone();
      constant.set("grpc-timeout", timeoutText(timeout));
      deadline = timeout;
    }
    if (varying.length === 0) return constant;
    const metadata = constant.clone();
    for (const [key, fill] of varying) metadata.set(key, metadataValue(key, fill(values)));
    return metadata;
  };
}

/** At most eight digits and a unit, as the protocol has it. */
export const timeoutText = (timeout: Ms): string =>
  timeout < 1e8 ? `${Math.max(1, Math.ceil(timeout))}m` : `${Math.min(99_999_999, Math.ceil(timeout / 1000))}S`;

const metadataValue = (key: string, text: string): string | Buffer =>
  key.endsWith("-bin") ? Buffer.from(text, "base64") : text;
