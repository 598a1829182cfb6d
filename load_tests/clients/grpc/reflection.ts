/** Asks a service for its methods and messages, by gRPC server reflection: v1, else v1alpha. */
import { type Channel, type Metadata, status as Status, type StatusObject } from "@grpc/grpc-js";
import type { Service } from "../../core/model.ts";
import type { Resolver } from "../../core/plugin.ts";
import { hasTemplate } from "../../core/template.ts";
import type { EndpointSettings } from "./endpoint.ts";
import { type Protos, readDescriptors } from "./protos.ts";
import { channelsTo } from "./reference/channel.ts";
import { compileMetadata } from "./requests.ts";
import { resolveService, type ServiceSettings } from "./resolve.ts";
import { endingOf } from "./status.ts";
import { piece, piecesOf } from "./wire.ts";

const METHODS = ["v1", "v1alpha"].map((version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);
/** Numbers of the fields of a request and of a response; those of both versions are the same. */
const ASK = { file: 3, symbol: 4, services: 7 } as const;
const SAID = { files: 4, services: 6, error: 7 } as const;
/** Of a FileDescriptorProto. */
const FILE = { name: 1, imports: 3 } as const;
const TEN_SECONDS = 10_000;

/**
 * The service with its endpoints checked against what it says of itself. Mistakes go to `at`. Rejects with a sentence
 * where it cannot be asked.
 */
export async function settle(service: Service, at: Resolver, signal: AbortSignal): Promise<Service> {
  const { asks } = service.settings as ServiceSettings;
  if (asks === null) return service;
  const channel = channelsTo(service)();
  try {
    const talk = await openTalk(channel, metadataOf(asks.metadata), signal);
    if (talk === null) {
      at.issue(
        ["reflection"],
        `expected a service with reflection, found none at ${service.host}: name its proto files`,
      );
      return service;
    }
    const { set, lacks } = await gather(talk, symbolsOf(service));
    talk.end();
    for (const lack of lacks) at.issue(["reflection"], lack);
    if (lacks.length > 0) return service;
    const { host } = service;
    return { ...(await resolveService(service.name, asks, at, set)), host };
  } finally {
    channel.close();
  }
}

/** Everything that the service says of itself. Rejects with a sentence where it cannot be asked. */
export async function reflected(service: Service, signal: AbortSignal): Promise<Protos> {
  const channel = channelsTo(service)();
  try {
    const talk = await openTalk(channel, metadataOf({}), signal);
    if (talk === null) throw new Error(`expected a service with reflection at ${service.host}, found none`);
    const { set, lacks } = await gather(talk, await servicesOf(talk));
    talk.end();
    if (lacks.length > 0) throw new Error(lacks[0]);
    return readDescriptors(set.toString("base64"));
  } finally {
    channel.close();
  }
}

/** What is sent with every call goes with the question too: it may hold what lets us in. */
const metadataOf = (entries: Readonly<Record<string, string>>): Metadata =>
  compileMetadata(Object.fromEntries(Object.entries(entries).filter(([, value]) => !hasTemplate(value))))(
    {} as never,
    TEN_SECONDS,
  );

const symbolsOf = ({ endpoints }: Service): string[] => {
  const methods = endpoints.map(({ settings }) => (settings as EndpointSettings).method);
  return [...new Set(methods.map((method) => method.slice(0, method.lastIndexOf("/"))))];
};

interface Gathered {
  /** A FileDescriptorSet. */
  readonly set: Buffer;
  /** A sentence for each thing that it does not know. */
  readonly lacks: readonly string[];
}

/** The files that define the symbols, with all that they import. */
async function gather(talk: Talk, symbols: readonly string[]): Promise<Gathered> {
  const files = new Map<string, Buffer>();
  const lacks: string[] = [];
  const take = (response: Buffer): string | null => {
    const [said] = piecesOf(response, SAID.files);
    for (const file of said === undefined ? [] : piecesOf(said, 1)) files.set(textOf(file, FILE.name), file);
    return said === undefined ? errorOf(response) : null;
  };
  for (const symbol of symbols) {
    const why = take(await talk.ask(ASK.symbol, symbol));
    if (why !== null) lacks.push(`expected a service that it has, found ${symbol}; ${await offered(talk)} (${why})`);
  }
  const asked = new Set<string>();
  for (let open = missing(files, asked); open !== undefined; open = missing(files, asked)) {
    asked.add(open);
    const why = take(await talk.ask(ASK.file, open));
    if (why !== null) lacks.push(`expected the service to give ${open}, which its files import, found: ${why}`);
  }
  return { set: Buffer.concat([...files.values()].map((file) => piece(1, file))), lacks };
}

const textOf = (message: Buffer, field: number): string => piecesOf(message, field)[0]?.toString() ?? "";
const errorOf = (response: Buffer): string => {
  const [error] = piecesOf(response, SAID.error);
  return error === undefined ? "it gave no answer that can be read" : textOf(error, 2);
};

/** An import that is not there and was not asked for. */
const missing = (files: ReadonlyMap<string, Buffer>, asked: ReadonlySet<string>): string | undefined =>
  [...files.values()]
    .flatMap((file) => piecesOf(file, FILE.imports).map(String))
    .find((name) => !files.has(name) && !asked.has(name));

async function servicesOf(talk: Talk): Promise<string[]> {
  const [said] = piecesOf(await talk.ask(ASK.services, "*"), SAID.services);
  return said === undefined ? [] : piecesOf(said, 1).map((each) => textOf(each, 1));
}

async function offered(talk: Talk): Promise<string> {
  const names = await servicesOf(talk);
  return `it has ${names.length === 0 ? "none" : names.join(", ")}`;
}

/** Questions and answers on one stream, one after the other. */
interface Talk {
  ask(field: number, text: string): Promise<Buffer>;
  end(): void;
}

/** Null where the service has no reflection. */
async function openTalk(channel: Channel, metadata: Metadata, signal: AbortSignal): Promise<Talk | null> {
  for (const path of METHODS) {
    const talk = startTalk(channel, { path, metadata }, signal);
    try {
      await talk.ask(ASK.services, "*");
      return talk;
    } catch (error) {
      if (!(error instanceof Ended) || error.status.code !== Status.UNIMPLEMENTED) throw error;
    }
  }
  return null;
}

class Ended extends Error {
  readonly status: StatusObject;
  constructor(status: StatusObject) {
    super(`its reflection failed: ${endingOf(status, { answered: false, maxMessageSize: Number.NaN }).message}`);
    this.status = status;
  }
}

function startTalk(
  channel: Channel,
  { path, metadata }: { path: string; metadata: Metadata },
  signal: AbortSignal,
): Talk {
  const call = channel.createCall(path, Number.POSITIVE_INFINITY, null, null, null);
  let ended: Ended | null = null;
  let waiting: { resolve(message: Buffer): void; reject(error: Ended): void } | null = null;
  const stop = () => call.cancelWithStatus(Status.DEADLINE_EXCEEDED, "no answer in time");
  call.start(metadata, {
    onReceiveMetadata: () => {},
    onReceiveMessage: (message: Buffer) => waiting?.resolve(message),
    onReceiveStatus: (status) => {
      signal.removeEventListener("abort", stop);
      ended = new Ended(status);
      waiting?.reject(ended);
    },
  });
  signal.addEventListener("abort", stop, { once: true });
  return {
    ask: (field, text) =>
      new Promise((resolve, reject) => {
        if (ended !== null) return reject(ended);
        waiting = { resolve, reject };
        call.startRead();
        call.sendMessageWithContext({}, piece(field, Buffer.from(text)));
      }),
    end: () => call.halfClose(),
  };
}
