/** The calls of a service as the config means them: a role's methods by weight, and the calls written out. */
import { closest } from "fastest-levenshtein";
import type { Ms } from "../../core/model.ts";
import type { Resolver } from "../../core/plugin.ts";
import { KNOWN_METHODS, type KnownMethod, ROLES, type Role } from "./roles.ts";
import type { RawCall, RawService } from "./schema.ts";

export type Path = readonly (string | number)[];

/** A call not yet checked against its proto. */
export interface Draft {
  /** Where its mistakes are reported. */
  readonly at: Path;
  /** `package.Service/Method`. */
  readonly method: string;
  readonly name?: string | undefined;
  readonly weight: number;
  readonly tags?: readonly string[] | undefined;
  readonly messages: readonly object[];
  /** Path of message `index` in the config, below `at`. */
  readonly messageAt: (index: number) => Path;
  readonly interval?: Ms | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly deadline?: Ms | undefined;
  readonly checks?: readonly string[] | undefined;
  readonly known: KnownMethod | null;
}

export const shortName = (method: string): string => method.slice(method.lastIndexOf("/") + 1);

export const draftsOf = (raw: RawService, role: Role | null, at: Resolver): Draft[] => [
  ...roleDrafts(raw, role, at),
  ...(raw.calls ?? []).map((call, index) => callDraft(call, index, role)),
];

function roleDrafts(raw: RawService, role: Role | null, at: Resolver): Draft[] {
  if (role !== null) {
    const weights = raw.methods ?? (raw.calls === undefined ? role.methods : {});
    return Object.entries(weights).flatMap(([name, weight]) => roleDraft(name, weight, { role, at }));
  }
  const roles = Object.keys(ROLES).join(", ");
  if (raw.methods !== undefined)
    at.issue(
      ["methods"],
      `expected a role (${roles}) beside methods, found none; other services name their methods under calls`,
    );
  return [];
}

function roleDraft(name: string, weight: number, { role, at }: { role: Role; at: Resolver }): Draft[] {
  const ofRole = KNOWN_METHODS.filter(({ method }) => method.startsWith(`${role.service}/`));
  const known = ofRole.find(({ method }) => shortName(method) === name);
  if (known === undefined) {
    const names = ofRole.map(({ method }) => shortName(method));
    at.issue(
      ["methods", name],
      `${role.service} has no method ${name}; the nearest is ${closest(name, names)}, and it has ${names.join(", ")}`,
    );
    return [];
  }
  return [
    {
      at: ["methods", name],
      method: known.method,
      weight,
      messages: known.messages(),
      messageAt: () => [],
      metadata: {},
      known,
    },
  ];
}

export function callDraft(call: RawCall, index: number, role: Role | null): Draft {
  const named = methodName(call.method);
  const method = named.includes("/") || role === null ? named : `${role.service}/${named}`;
  const known = KNOWN_METHODS.find((each) => each.method === method) ?? null;
  const { message, messages, count, ...rest } = call;
  const usual = message === undefined ? (known?.messages() ?? [{}]) : [message];
  const repeated = count === undefined ? usual : Array.from({ length: count }, () => usual[0]!);
  return {
    ...rest,
    at: ["calls", index],
    method,
    messages: messages ?? repeated,
    messageAt: messages === undefined ? () => ["message"] : (number) => ["messages", number],
    known,
  };
}

/** `package.Service/Method`, also of `/package.Service/Method` and `package.Service.Method`. */
function methodName(text: string): string {
  const name = text.replace(/^\//, "");
  return name.includes("/") ? name : name.replace(/\.([^.]*)$/, "/$1");
}
