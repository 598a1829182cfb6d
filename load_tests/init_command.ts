/** `tenfold init`: writes a starting config from what people have. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { type MethodOutline, outlineOfProto, outlineOfServer } from "./clients/grpc/outline.ts";
import { HEALTH_CHECK } from "./clients/grpc/roles.ts";
import { DEFAULT_CONFIG } from "./config_file.ts";
import { bounded, terminal } from "./core/escape.ts";
import { type ConfigDraft, NoConfig } from "./init/draft.ts";
import { EMPTY, fromText, fromUrl, none } from "./init/source.ts";
import { configText } from "./init/yaml.ts";
import { makeFolder } from "./make_folder.ts";
import { refuse, type World } from "./world.ts";

export interface InitFlags {
  /** Absent: nothing to begin from. */
  readonly source: string | null;
  readonly output: string;
}

const FETCH_TIMEOUT = 20_000;
const MOST_BYTES = 64 * 1024 ** 2;

const inert = (text: string): string => terminal(bounded(text, 200));

/** The text behind an address, and where it came from after redirects. */
async function fetched(source: string): Promise<{ text: string; address: string } | null> {
  const answer = await fetch(source, { signal: AbortSignal.timeout(FETCH_TIMEOUT) }).catch(() => null);
  if (answer === null || !answer.ok) {
    await answer?.body?.cancel();
    return null;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString("utf8"), address: answer.url };
}

/** An address is asked for a document; where there is none, the address itself is what is tested. */
async function fromAddress(source: string): Promise<ConfigDraft> {
  const found = await fetched(source).catch(() => null);
  const draft = found === null ? null : fromText(found.text, found.address);
  return draft ?? fromUrl(source);
}

function fromFile(source: string): ConfigDraft {
  const text = readFileSync(source, "utf8");
  const draft = fromText(text, null);
  if (draft === null) throw none(source);
  return draft;
}

/** Only methods whose names say that they read are called. */
function fromOutline(methods: readonly MethodOutline[], where: { host: string; proto?: string }): ConfigDraft {
  if (methods.length === 0) throw new NoConfig("expected a gRPC service with methods, found none");
  const [first] = methods;
  const service = first!.method.slice(0, first!.method.indexOf("/"));
  const name = service.slice(service.lastIndexOf(".") + 1).toLowerCase();
  const calls = methods.map(({ method, message, reads }) => ({
    method,
    message,
    ...(reads ? {} : { enabled: false as const }),
  }));
  if (methods.some(({ reads }) => reads)) return { services: [], grpc: { name, ...where, calls }, notes: [] };
  const notes = ["No method's name says that it only reads: its health is asked until `enabled: false` is taken away."];
  const health = { method: HEALTH_CHECK, message: {} };
  return { services: [], grpc: { name, ...where, calls: [health, ...calls] }, notes };
}

async function fromProto(source: string, output: string): Promise<ConfigDraft> {
  const file = resolve(source);
  return fromOutline(await outlineOfProto(file), {
    host: "localhost:50051",
    proto: relative(dirname(resolve(output)), file),
  });
}

const fromServer = async (host: string): Promise<ConfigDraft> =>
  fromOutline(await outlineOfServer(host, AbortSignal.timeout(FETCH_TIMEOUT)), { host });

async function draftOf({ source, output }: InitFlags): Promise<ConfigDraft> {
  if (source === null) return EMPTY;
  if (/^grpcs?:\/\//i.test(source)) return fromServer(source);
  if (/^https?:\/\//i.test(source)) {
    if (!URL.canParse(source)) throw none(source);
    return fromAddress(source);
  }
  const draft = existsSync(source) ? null : fromText(source, null);
  if (draft !== null) return draft;
  if (!existsSync(source)) throw new NoConfig(`${source} is not there: expected a file, a URL or a curl command`);
  return /\.proto$/i.test(source) ? fromProto(source, output) : fromFile(source);
}

/** How the source is named in the file: of a command only what it is, as it may hold secrets. */
const shownSource = (source: string | null): string => {
  if (source === null) return "nothing";
  if (existsSync(source)) return source;
  return URL.canParse(source) ? `${new URL(source).origin}${new URL(source).pathname}` : "a curl command";
};

/** Writes the config; never over a file that is there. */
export async function runInit(world: World, { source, output }: InitFlags): Promise<number> {
  if (existsSync(output)) return refuse(world, `${inert(output)} is there already: name another file by -o FILE`);
  try {
    const draft = await draftOf({ source, output });
    const text = configText(draft, shownSource(source));
    makeFolder(dirname(output));
    writeFileSync(output, text, { flag: "wx" });
    world.stdout.write(`${wroteText(draft, output)}\n`);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return refuse(world, `init: ${inert(message)}`);
  }
}

function wroteText({ services, grpc }: ConfigDraft, output: string): string {
  const all = services.flatMap((service) =>
    service.endpoints.map((each) => ({ on: service.enabled !== false && each.enabled !== false })),
  );
  for (const each of grpc?.calls ?? []) all.push({ on: each.enabled !== false });
  const on = all.filter((each) => each.on).length;
  const run = output === DEFAULT_CONFIG ? "" : ` --config ${output}`;
  return `Wrote ${inert(output)}: ${all.length} endpoint${all.length === 1 ? "" : "s"}, ${on} of them called. Next: tenfold validate${run} --scenario smoke`;
}
