/** The plug-in interfaces: protocol, criterion, reporter. `define*` return their argument and exist for its types. */
import type { z } from "zod";
import type { Beside, ComparedRuns } from "./comparison.ts";
import type { RunResult, WatchedSecond } from "./ledger.ts";
import type { CriterionSpec, Endpoint, MetricInfo, Ms, OpInfo, Outcome, Scenario, Service, Verdict } from "./model.ts";
import type { Random } from "./random.ts";
import type { Values } from "./template.ts";

/** A simulated user as clients see it. */
export interface User {
  /** Number of the user in its flow, from 0. */
  readonly index: number;
  /** Unique over the run and all its shares. */
  readonly id: string;
  readonly random: Random;
  /** What clients keep for a user (connection, token), by the client's own key. */
  readonly slots: Map<object, unknown>;
}

/** An answer, decoded only where a check asks; it lives only during the callback. */
export interface Answer {
  readonly status: string;
  /** Bytes of the body or of all messages. */
  readonly size: number;
  /** Bytes of it that were kept for checks, where that may not be all. */
  readonly kept?: number;
  header(name: string): string | undefined;
  text(): string;
  /** The bytes of the text, for who only passes them on; null where they would have to be made. */
  utf8?(): Uint8Array | null;
  /** The body or the message as JSON; undefined if it is none. */
  json(): unknown;
}

/**
 * One call under way, timed by the engine. A client reads no clock and has no timer but `at`. Nothing may be called
 * after `end` or after `onAbort` fired; such calls are ignored.
 */
export interface Call {
  /** Milliseconds the call has in all; the engine ends it then by `onAbort` as a timeout. */
  readonly timeout: Ms;
  /** When it began, on the run's clock; `now` is that clock, for what a client must know between two calls. */
  readonly begun: Ms;
  now(): Ms;
  sent(bytes: number): void;
  /** What is asked for, as a log of requests may want it: the content sent, and the path. */
  asked?(content: string | Uint8Array | null, path: string): void;
  /** Bytes that came, of headers or of content. */
  received(bytes: number): void;
  /** A content message came: stamps the first item, and the gap to the one before. */
  item(): void;
  /** Milliseconds between the first item and the last so far; 0 with fewer than two. */
  readonly span: Ms;
  /** Stamps `Op.extra[index]`: milliseconds since the mark before it, or since the start. */
  mark(index: number): void;
  /** Gives `Op.extra[index]` a value, in its unit. */
  value(index: number, value: number): void;
  /** The call is over. `message` is the text of an error; the engine masks, bounds and counts it. */
  end(outcome: Outcome, status: string, answer?: Answer | null, message?: string): void;
  /** What goes out, as text: asked for only where somebody looks on. */
  show?(request: () => string): void;
  /** Runs fn after `delay`, unless the call is over by then. */
  at(delay: Ms, fn: () => void): void;
  /** Set by the client: the engine cuts the call (deadline, end of the run); drop it and free what it holds. */
  onAbort: (() => void) | null;
}

/** One endpoint, compiled at the start. */
export interface Op {
  readonly name: string;
  readonly method: string;
  readonly endpoint: Endpoint | null;
  /** Its own limit in milliseconds, where it is not the service's. */
  readonly timeout?: Ms;
  /** What the protocol calls a call that had no answer in its time; TIMEOUT where absent. */
  readonly timeoutStatus?: string;
  /** By which the service itself may cut a call whose deadline it was told: at that instant it is a timeout. */
  readonly cutStatus?: string;
  /** Metrics of its calls: the first item's time, the gap between items. */
  readonly firstItem: MetricInfo | null;
  readonly gap: MetricInfo | null;
  /** Further metrics of its calls, told by `Call.mark` and `Call.value`: connect time, tokens. */
  readonly extra?: readonly MetricInfo[];
  /** An op that this user must do first (log in, connect): a call of its own, measured as such. */
  needs?(user: User): Op | null;
  /** Starts a call and returns at once. */
  start(user: User, values: Values, call: Call): void;
}

/** A service's client in one worker. */
export interface Client {
  /** `ops[i]` does `service.endpoints[i]`; ops that others need (login, connect) come after them. */
  readonly ops: readonly Op[];
  /**
   * Compiles a call that the plan does not know, an entry of the service's own list. Throws an Error with a sentence where
   * it is none.
   */
  compile?(entry: Readonly<Record<string, unknown>>): Op;
  /** A user keeps a connection over several calls: of several hosts, all of its calls go to one. */
  readonly keepsHost?: boolean;
  /** The user's session is over: close what is its own. */
  release(user: User): void;
  /** What it tells of itself each second, by the names of core/resource.ts: channels open, calls in flight. */
  gauges?(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** What a worker gives its clients. */
export interface ClientHost {
  /** How the flow drives its users: connections are a user's own, or shared. */
  readonly drive: "users" | "arrivals";
  /** Values known only at run time (tokens) that no report may show. */
  secret(value: string): void;
  /**
   * Begins a call of `op` that the plan does not ask for: a push that came, a ping that goes out. Its time runs from
   * `since` (milliseconds since 1970), else from now. Null where none may begin: outside of the run, or after its end.
   */
  begin?(op: Op, user: User, since?: number): Call | null;
  /** Runs `fn` every `delay` until the function that it gives is called. */
  every?(delay: Ms, fn: () => void): () => void;
  /** Answers are shown: their bodies are kept. */
  readonly shows?: boolean;
  /** The calls are for practice: nothing may go to another address than the service's `host`. */
  readonly rehearsal?: boolean;
}

/** What a protocol may ask while it turns its part of the config into a Service. */
export interface Resolver {
  /** Reports a mistake at a path below the service's own node. */
  issue(path: readonly (string | number)[], message: string): void;
  /** Code may call the service: it needs no calls of its own. */
  readonly open?: boolean;
  /** Absolute path of a file, or folder, named in the config; reports an issue and gives null where it cannot be read. */
  file(path: readonly (string | number)[], name: string, kind?: "file" | "folder"): string | null;
  /** Parses checks, reporting mistakes at the path of the list. */
  checks(path: readonly (string | number)[], sentences: readonly string[]): Endpoint["checks"];
  /** Reports names in templates, anywhere in a value, that nothing will fill. `known` are names beside the usual ones. */
  templates(path: readonly (string | number)[], value: unknown, known?: readonly string[]): void;
}

/**
 * How a workload's steps call a service of a protocol: each becomes an entry of weight 0 in the service's own list of
 * calls, read by the service's own schema.
 */
export interface StepForm {
  /** The list: `endpoints`, `calls`, `messages`. */
  readonly list: string;
  /** Schema of its entries. */
  readonly entry: z.ZodObject;
  /** Words that such a step begins with: the entry's key that their value is, and what they say beside it. */
  readonly words: Readonly<Record<string, { readonly key: string; readonly says?: Readonly<Record<string, unknown>> }>>;
}

/** One way to talk to services: its key under `services:`, its schema, and its client. */
// biome-ignore lint/suspicious/noExplicitAny: plug-ins of different schemas stand in one list
export interface Protocol<Raw = any> {
  readonly kind: string;
  /** Which `--test-type` keeps it. */
  readonly testType: "grpc" | "rest" | "websocket";
  /** Schema of one service, as written in the config. */
  readonly schema: z.ZodType<Raw>;
  /** Absent where no step of a workload can call it. */
  readonly steps?: StepForm;
  /** The service with every default written out. Mistakes go to `at.issue`. */
  resolve(name: string, raw: Raw, at: Resolver): Service | Promise<Service>;
  /** Compiles every endpoint and opens what is shared. */
  open(service: Service, host: ClientHost): Client | Promise<Client>;
  /** One attempt to see whether the service is there; rejects with a sentence that says why not. */
  probe(service: Service, signal: AbortSignal): Promise<void>;
  /**
   * The service with what only it can tell (its methods): asked once it is there, before the first call. Mistakes of the
   * config go to `at.issue`; rejects with a sentence where it cannot be asked. Absent where there is nothing to ask.
   */
  settle?(service: Service, at: Resolver, signal: AbortSignal): Promise<Service>;
}

/** What a criterion may look at beside the run itself. */
export interface JudgeContext {
  /** The result that `Nx baseline` speaks of: ok calls of measured phases per second, and whose. */
  readonly baseline: { readonly throughput: number; readonly runId: string } | null;
  /** Calls by second within a scope, where the criterion's `watches` asked for it. */
  readonly watched: readonly WatchedSecond[] | null;
  /** CONTRACT's health of the generator. */
  readonly generatorHealthy: boolean;
  /** False while the run goes on (`abort: true`): only what the rest of the run cannot be expected to mend fails then. */
  readonly over: boolean;
}

/** One kind of acceptance criterion. */
// biome-ignore lint/suspicious/noExplicitAny: plug-ins of different rules stand in one list
export interface Criterion<Rule = any> {
  readonly kind: string;
  /** A sentence of this kind, for messages. */
  readonly example: string;
  /**
   * The rule a sentence states; null if it is of another kind. Throws an Error with a sentence where it is nearly one.
   * `open`: code may give metrics of any name.
   */
  parse(sentence: string, open?: boolean): Rule | null;
  /** Why this scenario's shape cannot answer it; null if it can. */
  unfit?(rule: Rule, scenario: Scenario): string | null;
  /**
   * Why no call of these services can miss it; null if one can. `slip` where it is so by a missing unit, which is then a
   * mistake of the config.
   */
  vain?(spec: CriterionSpec & { rule: Rule }, services: readonly Service[]): { why: string; slip: boolean } | null;
  /** Whether an endpoint gives what the rule speaks of, where the scope says `each`; all do where it is absent. */
  applies?(rule: Rule, info: OpInfo): boolean;
  /** Whether calls are to be followed second by second for it. */
  readonly watches?: boolean;
  /** One verdict, or one for each endpoint where the scope says `each`. Never passes without data. */
  judge(spec: CriterionSpec & { rule: Rule }, result: RunResult, context: JudgeContext): Verdict[];
}

/** What reporters render. `document` is the JSON report. */
export interface Report {
  readonly result: RunResult;
  readonly verdicts: readonly Verdict[];
  readonly verdict: "pass" | "fail" | "unknown" | "regressed";
  readonly exitCode: number;
  /** Why the verdict is what no criterion says: no call was sent, a worker died; null otherwise. */
  readonly why: string | null;
  readonly generatorHealthy: boolean;
  /** `<YYYYMMDD_HHMMSS>`, for file names. */
  readonly stamp: string;
  /** Before and after, where the run was compared with another. */
  readonly comparison?: ComparedRuns | null;
  /** The run that `Nx baseline` speaks of beside this one, where a criterion does. */
  readonly beside?: Beside | null;
}

export interface ReportFile {
  /** Relative to the run's folder. */
  readonly path: string;
  /** A text that is long comes in parts, made as they are taken: once. */
  readonly content: string | Uint8Array | Iterable<string>;
}

/** The content of a file part by part. */
export const partsOf = ({ content }: Pick<ReportFile, "content">): Iterable<string | Uint8Array> =>
  typeof content === "string" || content instanceof Uint8Array ? [content] : content;

/** One format of report: a pure function from a run to files. */
export interface Reporter {
  readonly format: string;
  render(report: Report): ReportFile[] | Promise<ReportFile[]>;
}

export const defineProtocol = <Raw>(protocol: Protocol<Raw>): Protocol<Raw> => protocol;
export const defineCriterion = <Rule>(criterion: Criterion<Rule>): Criterion<Rule> => criterion;
export const defineReporter = <R extends Reporter>(reporter: R): R => reporter;
