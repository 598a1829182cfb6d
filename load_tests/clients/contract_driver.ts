/** For tests only: plays the engine for one call at a time with real timers, and records all that a client says. */
import { isAbsolute, resolve } from "node:path";
import { compileChecks, failedCheck, parseCheck } from "../core/check.ts";
import type { Ms, Outcome, Service } from "../core/model.ts";
import type { Answer, Call, Client, ClientHost, Op, Protocol, Resolver, User } from "../core/plugin.ts";
import { randomStream } from "../core/random.ts";
import { templateProblems, type Values } from "../core/template.ts";

/** A call as the engine would see it. `timeout` and `aborted` are the driver's own cut, else the client's word. */
export interface Seen {
  readonly op: string;
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
  readonly items: number;
  readonly sent: number;
  readonly received: number;
  /** Of the answer, read while it lived. */
  readonly size: number;
  readonly json: unknown;
  readonly text: string;
  /** What the client called, in order: sent, received, item, end. */
  readonly order: readonly string[];
  /** Of `Op.extra`, in order: marks with milliseconds since the start, values as given. */
  readonly told: readonly (readonly [string, number])[];
  /** Of `Op.extra`, by name, as `Call.value` gave them. */
  readonly values: Readonly<Record<string, number>>;
  /** The call that had to come first (log in, connect). Where it failed, it is the whole result. */
  readonly needed: Seen | null;
}

export interface Cut {
  /** Milliseconds until the call is cut as a timeout; 5 s by default. */
  readonly timeout?: Ms;
  /** Called when the call has ended, and its answer is there to be read. */
  readonly atEnd?: () => void;
  /** Cuts the call as the end of a run does. */
  readonly signal?: AbortSignal;
  readonly iteration?: number;
  /** Values beside the usual ones, e.g. `env`. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** What clients said when nothing may be said any more; a test that finds an entry has found a bug. */
export const lateWords: string[] = [];

/** A user as the engine makes them, with a random stream of its own. */
export const testUser = (index: number): User => ({
  index,
  id: `user-${index}`,
  random: randomStream(1, index),
  slots: new Map(),
});

const testValues = (user: User, { iteration = 0, values = {} }: Cut): Values => ({
  user: { id: user.id, index: user.index },
  run: { id: "run-1" },
  iteration,
  env: {},
  random: user.random,
  now: Date.now(),
  ...values,
});

/** Does what `op` needs first, then the call. An ok answer is put to the endpoint's checks, as the engine does. */
export async function drive(op: Op, user: User, cut: Cut = {}): Promise<Seen> {
  const need = op.needs?.(user) ?? null;
  const needed = need === null ? null : await drive(need, user, cut);
  if (needed !== null && needed.outcome !== "ok") return needed;
  return new Promise((done) => startCall(op, user, cut, (seen) => done({ ...seen, needed })));
}

function startCall(op: Op, user: User, cut: Cut, done: (seen: Seen) => void): void {
  const check = compileChecks(op.endpoint?.checks ?? []);
  const counts = { items: 0, sent: 0, received: 0 };
  const order: string[] = [];
  const arrived: number[] = [];
  const values: Record<string, number> = {};
  const told: [string, number][] = [];
  const timers = new Set<NodeJS.Timeout>();
  const timeout = cut.timeout ?? op.timeout ?? 5000;
  const started = performance.now();
  let over = false;

  const say = (word: string, count: keyof typeof counts | null, by: number) => {
    if (over) lateWords.push(`${op.name}: ${word} after the call was over`);
    if (over || count === null) return;
    order.push(word);
    counts[count] += by;
  };
  const finish = (outcome: Outcome, status: string, answer?: Answer | null, message = "") => {
    over = true;
    for (const timer of timers) clearTimeout(timer);
    cut.signal?.removeEventListener("abort", abort);
    order.push("end");
    cut.atEnd?.();
    const failed = outcome === "ok" && answer ? check(answer, performance.now() - started) : null;
    const words =
      failed === null ? { outcome, message } : { outcome: "invalid" as const, message: failedCheck(failed, answer!) };
    const read = { size: answer?.size ?? 0, json: answer?.json(), text: answer?.text() ?? "" };
    done({ op: op.name, status, ...words, ...counts, ...read, order, told, values, needed: null });
  };
  const cutAs = (outcome: Outcome) => {
    if (over) return;
    finish(outcome, "");
    call.onAbort?.();
  };
  const abort = () => cutAs("aborted");
  const after = (delay: Ms, fn: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      fn();
    }, delay);
    timers.add(timer);
  };
  const call: Call = {
    timeout,
    begun: started,
    now: () => performance.now(),
    sent: (bytes) => say("sent", "sent", bytes),
    received: (bytes) => say("received", "received", bytes),
    item: () => {
      say("item", "items", 1);
      arrived.push(performance.now());
    },
    get span() {
      return arrived.length < 2 ? 0 : arrived.at(-1)! - arrived[0]!;
    },
    mark: (index) => {
      say(`mark ${index}`, null, 0);
      told.push([op.extra?.[index]?.name ?? `unknown metric ${index}`, performance.now() - started]);
    },
    value: (index, value) => {
      say(`value ${index}`, null, 0);
      told.push([op.extra?.[index]?.name ?? `unknown metric ${index}`, value]);
      values[op.extra?.[index]?.name ?? index] = value;
    },
    at: (delay, fn) => (over ? say("at", null, 0) : after(delay, fn)),
    end: (...words) => (over ? say(`end ${words[0]}`, null, 0) : finish(...words)),
    onAbort: null,
  };
  after(timeout, () => cutAs("timeout"));
  cut.signal?.addEventListener("abort", abort);
  op.start(user, testValues(user, cut), call);
}

const textsOf = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null
    ? [...Object.keys(value), ...Object.values(value).flatMap(textsOf)]
    : [];
};

/** A resolver that collects mistakes as `path: sentence`. File names are taken from the working directory. */
export function testResolver(): Resolver & { readonly issues: string[] } {
  const issues: string[] = [];
  const issue: Resolver["issue"] = (path, message) => issues.push(`${path.join(".")}: ${message}`);
  return {
    issues,
    issue,
    file: (_path, name) => (isAbsolute(name) ? name : resolve(name)),
    checks: (_path, sentences) => sentences.map(parseCheck),
    templates: (path, value, known = []) => {
      for (const text of textsOf(value)) for (const problem of templateProblems(text, known)) issue(path, problem);
    },
  };
}

/** A service from its config as written, through the protocol's own schema; throws where the config has mistakes. */
export async function resolveService(protocol: Protocol, name: string, config: unknown): Promise<Service> {
  const at = testResolver();
  const service = await protocol.resolve(name, protocol.schema.parse(config), at);
  if (at.issues.length > 0) throw new Error(at.issues.join("\n"));
  return service;
}

/** A client of a service from its config as written. */
export async function openClient(
  protocol: Protocol,
  config: unknown,
  drive: ClientHost["drive"] = "users",
): Promise<Client> {
  return protocol.open(await resolveService(protocol, "service", config), { drive, secret: () => {} });
}
