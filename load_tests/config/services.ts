/** The services of a file, resolved by their protocols. */
import { isAbsolute, resolve } from "node:path";
import { type Check, parseCheck } from "../core/check.ts";
import type { Service } from "../core/model.ts";
import type { Protocol, Resolver, StepForm } from "../core/plugin.ts";
import type { Path, Places } from "./document.ts";
import { gatewayParts, type Part } from "./gateway.ts";
import { checkHosts, rawByHost, resolveHosts } from "./hosts.ts";
import { schemaFindings, valueAt } from "./issues.ts";
import type { StepCall } from "./steps.ts";
import { checkTemplatesIn } from "./templates.ts";

/** A service of the file and what of it decides whether a scenario uses it. */
export interface Declared {
  readonly service: Service;
  readonly testType: Protocol["testType"];
  readonly path: Path;
  /** The steps that its endpoints are, in their order; none where they are drawn by weight. */
  readonly calls: readonly StepCall[];
}

export interface ServiceContext {
  /** The config file, which names in it are relative to. */
  readonly file: string;
  readonly tree: unknown;
  readonly places: Places;
  readonly protocols: readonly Protocol[];
  /** Services that steps call: they need no calls of their own. */
  readonly called?: ReadonlySet<string>;
  /** Steps of workloads: with them only services that they call are resolved, for these calls alone. */
  readonly steps?: readonly StepCall[];
  /** Workloads that are code, beside these steps: they may call any service. */
  readonly code?: readonly string[];
  readable(path: string, kind?: "file" | "folder"): boolean;
  report(path: Path, message: string): void;
}

type Raw = Readonly<Record<string, unknown>>;

interface Written extends Part {
  readonly name: string;
  readonly path: Path;
  readonly calls: readonly StepCall[];
  /** Entries of its own list before those that are steps. */
  readonly own: number;
}

const asIs = (path: Path): Path => path;

const isRaw = (value: unknown): value is Raw => typeof value === "object" && value !== null && !Array.isArray(value);

const namedIn = (kind: unknown): [string, Raw][] =>
  isRaw(kind) ? Object.entries(kind).filter((entry): entry is [string, Raw] => isRaw(entry[1])) : [];

/** The services as they are to be resolved, with the steps that call them among their own calls. */
function writtenServices(context: ServiceContext): Written[] {
  const { steps, protocols } = context;
  return plainServices(context).flatMap((part) => {
    const form = protocols.find(({ kind }) => kind === part.kind)?.steps;
    const calls = steps?.filter(({ kind, service }) => kind === part.kind && service === part.name) ?? [];
    const list = form === undefined ? undefined : part.raw[form.list];
    const own = Array.isArray(list) ? list : [];
    if (steps === undefined) return [{ ...part, calls, own: own.length }];
    if (form === undefined) return [];
    if (calls.length === 0) return isOpen(context) ? [{ ...part, raw: withoutOwn(part.raw, form), calls, own: 0 }] : [];
    const raw = { ...part.raw, [form.list]: [...own, ...calls.map(({ entry }) => entry)] };
    return [{ ...part, raw, calls, own: own.length }];
  });
}

/** Code may call any service. */
const isOpen = ({ code = [] }: ServiceContext): boolean => code.length > 0;

/** What the service itself would call is not called by code. */
const withoutOwn = ({ ...raw }: Raw, { list }: StepForm): Raw => {
  const { [list]: _, ...rest } = raw;
  return rest;
};

/** The service without the entries of its list that say `enabled: false`. */
function withoutDisabled(raw: Raw, list: string): Pick<Part, "raw" | "written"> {
  const entries = raw[list];
  const isOff = (entry: unknown): boolean => isRaw(entry) && entry.enabled === false;
  if (!Array.isArray(entries) || !entries.some(isOff)) return { raw, written: asIs };
  const kept = [...entries.keys()].filter((index) => !isOff(entries[index]));
  const written = (path: Path): Path => {
    const [key, index, ...below] = path;
    return key === list && typeof index === "number" ? [key, kept[index] ?? index, ...below] : path;
  };
  return { raw: { ...raw, [list]: kept.map((index) => entries[index]) }, written };
}

/** The services as written, a gateway as its two parts. */
function plainServices({ tree, protocols }: ServiceContext): Omit<Written, "calls" | "own">[] {
  const services = valueAt(tree, ["services"]) as Readonly<Record<string, unknown>> | undefined;
  const plain = protocols.flatMap(({ kind, steps }) =>
    namedIn(services?.[kind]).map(([name, raw]) => ({
      kind,
      name,
      ...withoutDisabled(raw, steps?.list ?? ""),
      path: ["services", kind, name],
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

/** Names of the services of a protocol. */
export const namedServices = (tree: unknown, kind: string): string[] => {
  const services = Object(valueAt(tree, ["services"])) as Readonly<Record<string, unknown>>;
  const isPart = isRaw(services.gateway) && gatewayParts(services.gateway).some((part) => part.kind === kind);
  return [...namedIn(services[kind]).map(([name]) => name), ...(isPart ? ["gateway"] : [])];
};

/** The step that a path of a service's list belongs to; undefined where it is the service's own. */
function callAt({ calls, own, kind }: Written, { protocols }: ServiceContext, path: Path): StepCall | undefined {
  const list = protocols.find((each) => each.kind === kind)?.steps?.list;
  return path[0] === list && typeof path[1] === "number" ? calls[path[1] - own] : undefined;
}

/** Where a path of a service's raw config is written in the file. */
const placeOf = (written: Written, context: ServiceContext, path: Path): Path =>
  callAt(written, context, path)?.at(path.slice(2)) ?? [...written.path, ...written.written(path)];

function resolverOf(written: Written, context: ServiceContext): Resolver {
  const issue = (path: Path, message: string): void => context.report(placeOf(written, context, path), message);
  const templates = (path: Path, value: unknown, known: readonly string[] = []): void => {
    const names = [...known, ...(callAt(written, context, path)?.known ?? [])];
    checkTemplatesIn(value, names, { path, report: issue });
  };
  return {
    issue,
    open: isOpen(context),
    file(path, name, kind = "file") {
      const absolute = isAbsolute(name) ? name : resolve(context.file, "..", name);
      if (context.readable(absolute, kind)) return absolute;
      issue(
        path,
        `expected a ${kind} that can be read, found none at ${absolute}; paths are relative to the config file`,
      );
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
  const list = protocol.steps?.list ?? "";
  const isCalled = context.steps === undefined && context.called?.has(written.name) === true;
  const raws = rawByHost(written.raw);
  const isBare = isCalled && written.own === 0 && Object(protocol.schema.safeParse(raws[0]).data)[list]?.length === 0;
  const asked = resolverOf(written, context);
  const resolver = isBare ? { ...asked, open: true } : asked;
  const read = raws.map((raw) => protocol.schema.safeParse(raw));
  if (!read.every(({ success }) => success)) {
    if (written.written !== asIs || written.calls.length > 0)
      tellParts({ ...written, raw: raws[0]! }, protocol, context);
    return null;
  }
  if (checkHosts(written.raw, resolver)) return null;
  const service = await resolveHosts(
    written.name,
    read.map(({ data }) => data),
    { protocol, at: resolver, listed: "hosts" in written.raw },
  );
  if (isBare) return null;
  if (isOpen(context) && context.steps === undefined && service.endpoints.length === 0) return null;
  if (Object(read[0]?.data)[list]?.length === 0 && !isOpen(context))
    resolver.issue([], `expected \`${list}\`, or a workload whose steps call this service: found nothing to call`);
  if (context.steps === undefined) checkWeights(service, resolver);
  const role = written.path.length === 2 ? "gateway" : service.role;
  const { calls, path } = written;
  const called = context.steps === undefined ? service : onlySteps(service, calls, context.code);
  return { service: { ...called, role }, testType: protocol.testType, path, calls };
}

/** The service as steps and code call it: of its endpoints those that are steps, which are the last. */
function onlySteps(service: Service, calls: readonly StepCall[], code: readonly string[] = []): Service {
  const endpoints = service.endpoints.slice(service.endpoints.length - calls.length).map((endpoint, i) => {
    const { captures } = calls[i]!;
    const tags = [...new Set([...(endpoint.tags ?? []), ...calls[i]!.tags])];
    return {
      ...endpoint,
      ...(tags.length === 0 ? {} : { tags }),
      ...(captures.length === 0 ? {} : { captures }),
    };
  });
  return { ...service, endpoints, workloads: [...new Set([...calls.map(({ workload }) => workload), ...code])] };
}

/** What a protocol finds wrong in its part of a gateway, at the place where the gateway says it. */
function tellParts(written: Written, { schema }: Protocol, context: ServiceContext): void {
  const { places, report } = context;
  for (const { path, message } of schemaFindings(schema, { value: written.raw, places, substitutions: [] })) {
    report(placeOf(written, context, path), message.slice(message.indexOf(": ") + 2));
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
