/** The services of a file, resolved by their protocols. */
import { isAbsolute, resolve } from "node:path";
import { type Check, parseCheck } from "../core/check.ts";
import type { Service } from "../core/model.ts";
import type { Protocol, Resolver } from "../core/plugin.ts";
import { templateProblems } from "../core/template.ts";
import type { Path, Places } from "./document.ts";
import { gatewayParts, type Part } from "./gateway.ts";
import { checkHosts, rawByHost, resolveHosts } from "./hosts.ts";
import { schemaFindings, valueAt } from "./issues.ts";

/** A service of the file and what of it decides whether a scenario uses it. */
export interface Declared {
  readonly service: Service;
  readonly testType: Protocol["testType"];
  readonly path: Path;
}

export interface ServiceContext {
  /** The config file, which names in it are relative to. */
  readonly file: string;
  readonly tree: unknown;
  readonly places: Places;
  readonly protocols: readonly Protocol[];
  readable(path: string): boolean;
  report(path: Path, message: string): void;
}

type Raw = Readonly<Record<string, unknown>>;

interface Written extends Part {
  readonly name: string;
  readonly path: Path;
}

const asIs = (path: Path): Path => path;

const isRaw = (value: unknown): value is Raw => typeof value === "object" && value !== null && !Array.isArray(value);

const namedIn = (kind: unknown): [string, Raw][] =>
  isRaw(kind) ? Object.entries(kind).filter((entry): entry is [string, Raw] => isRaw(entry[1])) : [];

/** The services as written, a gateway as its two parts. */
function writtenServices({ tree, protocols }: ServiceContext): Written[] {
  const services = valueAt(tree, ["services"]) as Readonly<Record<string, unknown>> | undefined;
  const plain = protocols.flatMap(({ kind }) =>
    namedIn(services?.[kind]).map(([name, raw]) => ({
      kind,
      name,
      raw,
      path: ["services", kind, name],
      written: asIs,
    })),
  );
  const gateway = services?.gateway;
  if (!isRaw(gateway)) return plain;
  return [
    ...plain,
    ...gatewayParts(gateway).map((part) => ({ ...part, name: "gateway", path: ["services", "gateway"] })),
  ];
}

/** Paths of all services of the file, whether they are used or not. */
export function servicePaths(tree: unknown): Path[] {
  const services = (valueAt(tree, ["services"]) ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(services).flatMap(([kind, named]): Path[] => {
    if (kind === "gateway") return [["services", kind]];
    return typeof named === "object" && named !== null
      ? Object.keys(named).map((name) => ["services", kind, name])
      : [];
  });
}

/** Names of all services of the file. */
export const serviceNames = (tree: unknown): string[] => servicePaths(tree).map((path) => String(path.at(-1)));

/** Path of the service of this name. */
export const servicePath = (tree: unknown, name: string): Path | undefined =>
  servicePaths(tree).find((path) => path.at(-1) === name);

function resolverOf(written: Written, context: ServiceContext): Resolver {
  const at = (path: Path): Path => [...written.path, ...written.written(path)];
  const issue = (path: Path, message: string): void => context.report(at(path), message);
  const text = (path: Path, value: string, known: readonly string[]): void => {
    for (const problem of templateProblems(value, known)) issue(path, problem);
  };
  const templates = (path: Path, value: unknown, known: readonly string[] = []): void => {
    if (typeof value === "string") text(path, value, known);
    if (typeof value !== "object" || value === null) return;
    for (const [key, item] of Object.entries(value)) {
      const below = [...path, Array.isArray(value) ? Number(key) : key];
      if (!Array.isArray(value)) text(below, key, known);
      templates(below, item, known);
    }
  };
  return {
    issue,
    file(path, name) {
      const absolute = isAbsolute(name) ? name : resolve(context.file, "..", name);
      if (context.readable(absolute)) return absolute;
      issue(path, `expected a file that can be read, found none at ${absolute}; paths are relative to the config file`);
      return null;
    },
    checks: (path, sentences) =>
      sentences.flatMap((sentence, index): Check[] => {
        try {
          return [parseCheck(sentence)];
        } catch (error) {
          issue([...path, index], error instanceof Error ? error.message : String(error));
          return [];
        }
      }),
    templates,
  };
}

/** The resolver of a service of the file, for mistakes that are found later. */
export function resolverOfService({ name, protocol }: Service, context: ServiceContext): Resolver {
  const written = writtenServices(context).find((each) => each.name === name && each.kind === protocol)!;
  return resolverOf(written, context);
}

/** Resolves one service, or reports why it cannot be. What the file's own schema sees was told before. */
async function resolveOne(written: Written, context: ServiceContext): Promise<Declared | null> {
  const protocol = context.protocols.find(({ kind }) => kind === written.kind);
  if (protocol === undefined) return null;
  const resolver = resolverOf(written, context);
  const raws = rawByHost(written.raw);
  const read = raws.map((raw) => protocol.schema.safeParse(raw));
  if (!read.every(({ success }) => success)) {
    if (written.written !== asIs) tellParts({ ...written, raw: raws[0]! }, protocol, context);
    return null;
  }
  if (checkHosts(written.raw, resolver)) return null;
  const service = await resolveHosts(
    written.name,
    read.map(({ data }) => data),
    { protocol, at: resolver },
  );
  const list = protocol.steps?.list ?? "";
  if (Object(read[0]?.data)[list]?.length === 0)
    resolver.issue([], `expected \`${list}\`, or a workload whose steps call this service: found nothing to call`);
  checkWeights(service, resolver);
  const role = written.path.length === 2 ? "gateway" : service.role;
  return { service: { ...service, role }, testType: protocol.testType, path: written.path };
}

/** What a protocol finds wrong in its part of a gateway, at the place where the gateway says it. */
function tellParts(written: Written, { schema }: Protocol, { places, report }: ServiceContext): void {
  for (const { path, message } of schemaFindings(schema, { value: written.raw, places, substitutions: [] })) {
    const at = [...written.path, ...written.written(path)];
    report(at, message.slice(message.indexOf(": ") + 2));
  }
}

function checkWeights({ endpoints }: Service, resolver: Resolver): void {
  if (endpoints.length > 0 && endpoints.every(({ weight }) => weight === 0))
    resolver.issue([], "the weights of its endpoints sum to nothing: give at least one a weight over 0");
}

/** A gateway needs a part that carries load. */
function checkGateway({ tree, report }: ServiceContext): void {
  const gateway = valueAt(tree, ["services", "gateway"]);
  if (isRaw(gateway) && gateway.enabled !== false && gatewayParts(gateway).length === 0)
    report(
      ["services", "gateway"],
      "expected `rest_endpoints` or a `websocket` with a weight over 0, found nothing to call",
    );
}

/** Resolves every service that is not disabled. `timeout` (seconds or text) goes to those that set none. */
export async function resolveServices(context: ServiceContext, timeout?: unknown): Promise<Declared[]> {
  const all: Declared[] = [];
  checkGateway(context);
  for (const written of writtenServices(context)) {
    if (written.raw.enabled === false) continue;
    const raw = timeout === undefined || "timeout" in written.raw ? written.raw : { ...written.raw, timeout };
    const declared = await resolveOne({ ...written, raw }, context);
    if (declared !== null) all.push(declared);
  }
  return all;
}
