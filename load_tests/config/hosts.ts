/** `hosts: [a, b]`: one service at several addresses, of which each call takes one. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Service } from "../core/model.ts";
import type { Protocol, Resolver } from "../core/plugin.ts";
import type { Path } from "./document.ts";

type Raw = Readonly<Record<string, unknown>>;

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** A service's own schema with `hosts` where `host` may stand. */
export function withHosts(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodObject) || !("host" in schema.shape)) return schema;
  const host = (schema.shape as { host: z.ZodType }).host;
  const several = z
    .union([z.array(z.string()).min(1), z.string(), z.null()])
    .optional()
    .describe(
      "Instead of host: each call goes to one, at random. A text has them with commas; without any, it is left out",
    );
  return schema
    .extend({ host: host.optional(), hosts: several })
    .superRefine((value: unknown, context) => {
      if ((value as Raw).host === undefined && (value as Raw).hosts == null)
        context.addIssue({
          code: "custom",
          path: ["host"],
          message: "expected text, or `hosts` with several addresses",
        });
    })
    .meta({ anyOf: [{ required: ["host"] }, { required: ["hosts"] }] });
}

/** The service as if each of its hosts were its only one. */
export const rawByHost = ({ hosts, ...raw }: Raw): Raw[] =>
  isList(hosts) ? hosts.map((host) => ({ ...raw, host })) : [raw];

/** Reports lists of hosts that make no sense. Gives whether there were any. */
export function checkHosts({ host, hosts }: Raw, { issue }: Resolver): boolean {
  if (!isList(hosts)) return false;
  const mistakes: [Path, string][] = hosts.flatMap((each, i): [Path, string][] => {
    if (each === "embedded")
      return [[["hosts", i], "expected an address: a stand-in is the service's only host, `host: embedded`"]];
    return hosts.indexOf(each) === i ? [] : [[["hosts", i], `expected each address once, found "${each}" again`]];
  });
  if (host !== undefined) mistakes.unshift([["hosts"], "expected one of host and hosts, found both"]);
  for (const [path, message] of mistakes) issue(path, message);
  return mistakes.length > 0;
}

interface Context {
  readonly protocol: Protocol;
  readonly at: Resolver;
  /** Whether the addresses are written as a list. */
  readonly listed: boolean;
}

/** Resolves the service at each of its hosts: all must come to the same but for the address. */
export async function resolveHosts(
  name: string,
  raws: readonly unknown[],
  { protocol, at, listed }: Context,
): Promise<Service> {
  const placed = listed ? resolversOf(raws.length, at) : [at];
  const services: Service[] = [];
  for (const [i, raw] of raws.entries()) services.push(await protocol.resolve(name, raw, placed[i]!));
  const first = services[0]!;
  if (services.length === 1) return first;
  for (const [i, other] of services.entries())
    if (!isDeepStrictEqual({ ...other, host: first.host }, first))
      at.issue(
        ["hosts", i],
        "expected an address with the scheme, user and path of the first: settings follow from it",
      );
  return { ...first, hosts: services.map(({ host }) => host) };
}

/** Mistakes of hosts are told at their places in the list, those of the rest of the service once. */
function resolversOf(count: number, at: Resolver): Resolver[] {
  const told = new Set<string>();
  const shared = { file: once(at.file), checks: once(at.checks), templates: once(at.templates) };
  return Array.from({ length: count }, (_, index) => ({
    ...shared,
    issue(path, message) {
      const mistake = JSON.stringify([path, message]);
      const place = path[0] === "host" || index > 0 ? ["hosts", index] : path;
      if (path[0] === "host" || !told.has(mistake)) at.issue(place, message);
      told.add(mistake);
    },
  }));
}

function once<Args extends readonly unknown[], Result>(ask: (...args: Args) => Result): (...args: Args) => Result {
  const answers = new Map<string, Result>();
  return (...args) => {
    const key = JSON.stringify(args);
    if (!answers.has(key)) answers.set(key, ask(...args));
    return answers.get(key)!;
  };
}
