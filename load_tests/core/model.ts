/** The nouns of Tenfold: plain data, readonly from outside, safe to clone to a worker and to write as JSON. */
import type { Check } from "./check_sentence.ts";
import type { ResourcePlan } from "./resource.ts";
import type { Ms, Pause } from "./time.ts";
import type { Capture, WorkloadPlan } from "./workload_plan.ts";

export type { Ms, Pause } from "./time.ts";

/** A straight line of load, in users or in arrivals per second. */
export interface Segment {
  readonly start: Ms;
  readonly duration: Ms;
  readonly from: number;
  readonly to: number;
}

/** How arrivals are spread: evenly, as a Poisson process, or with gamma gaps of a coefficient of variation. */
export type Arrivals = "even" | "poisson" | { readonly cv: number };

/** One stream of load: straight segments, either of users (closed loop) or of arrivals per second (open loop). */
export interface Flow {
  readonly drive: "users" | "arrivals";
  readonly arrivals: Arrivals;
  readonly segments: readonly Segment[];
  readonly think: Pause;
  /** Name of what its users do; absent: one call by weights, then a pause. */
  readonly workload?: string;
  /** Ends once its users did as many in all. */
  readonly iterations?: number;
  /** Its iterations go to the addresses of the service in equal numbers, in random order. */
  readonly evenly?: boolean;
  /** Position of its phase: it begins once the phase before is through, and ends this one. Absent: by the plan's times. */
  readonly phase?: number;
}

/** A named span of time laid over the flows. */
export interface Phase {
  readonly name: string;
  readonly start: Ms;
  readonly duration: Ms;
  readonly measured: boolean;
  /** Weights of tasks, by `workload.task`, that differ from those of the workload while the phase goes on. */
  readonly taskWeights?: Readonly<Record<string, number>>;
  /** Users per second towards its level, as written. */
  readonly spawnRate?: number;
  /** Done once a run as it begins, and as it ends. */
  readonly onEnter?: Hook;
  readonly onExit?: Hook;
}

/** What is done to the world around the services: a command of the shell, or a call. */
export type Hook =
  | { readonly command: string /** Absolute. */; readonly folder: string }
  | {
      readonly method: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      /** Absent: no body. */
      readonly json?: unknown;
    };

/** Two phases of one run that are compared as two runs are; with a gate, a regression is the run's verdict. */
export interface ComparedPhases {
  readonly before: string;
  readonly after: string;
  readonly gate: boolean;
}

/** Which phases a recovery is judged by. */
export interface Roles {
  readonly before: string;
  readonly stress: readonly string[];
  readonly after: string;
}

/** One call that users of a service make. `settings` belongs to the protocol that resolved it. */
export interface Endpoint {
  readonly name: string;
  /** The `Type` of the reports: an HTTP method, `grpc` or `WS`. */
  readonly method: string;
  readonly weight: number;
  readonly tags?: readonly string[];
  readonly checks: readonly Check[];
  /** The body of its answers is kept for code. */
  readonly keepsBody?: boolean;
  /** Taken out of its answers, for the steps that follow. */
  readonly captures?: readonly Capture[];
  /** Its answers go into a log: their beginning is kept. */
  readonly logged?: boolean;
  readonly settings: unknown;
}

export const DRIVERS = ["fast", "reference"] as const;
export type Driver = (typeof DRIVERS)[number];

/** One service under test, every default written out. */
export interface Service {
  readonly name: string;
  /** The `kind` of the protocol plug-in that resolved it. */
  readonly protocol: string;
  readonly role: string | null;
  /** As written, or the stand-in's address once it runs; `embedded` before that. */
  readonly host: string;
  /** All of its addresses, where it has several: `host` is the first. Each call goes to one, drawn at random. */
  readonly hosts?: readonly string[];
  readonly embedded: boolean;
  /** What the stand-in is told when `host: embedded`. */
  readonly standIn: unknown;
  readonly weight: number;
  readonly timeout: Ms;
  readonly connectTimeout: Ms;
  readonly waitForReady: Ms;
  readonly endpoints: readonly Endpoint[];
  /** What carries its calls: our own protocol engine, or the full client of others. Absent: its protocol has but one. */
  readonly driver?: Driver;
  /** Names of the workloads whose steps its endpoints are; absent: these are drawn by weight. */
  readonly workloads?: readonly string[];
  /** The protocol's own: headers, auth, connections, proto files. */
  readonly settings: unknown;
}

/** What a criterion speaks of; absent means all. `endpoint: "each"` judges every endpoint by itself. */
export interface Scope {
  readonly service?: string;
  readonly endpoint?: string;
  readonly phase?: string;
  /** Requests and tasks that have this tag. */
  readonly tag?: string;
}

/** A criterion as parsed from its sentence by the plug-in named `kind`. */
export interface CriterionSpec {
  readonly sentence: string;
  readonly kind: string;
  /** The plug-in's own reading of the sentence. */
  readonly rule: unknown;
  readonly scope: Scope;
  readonly minSamples: number | null;
  readonly abort: boolean;
  /** A criterion of the scenario itself is judged whatever the shape; others are left out where they cannot be answered. */
  readonly origin: "default" | "file" | "scenario";
}

/** A scenario with every default written out: what a run needs to know and nothing else. */
export interface Scenario {
  readonly name: string;
  readonly description: string;
  readonly tags?: readonly string[];
  readonly flows: readonly Flow[];
  readonly phases: readonly Phase[];
  readonly roles: Roles | null;
  readonly comparePhases?: ComparedPhases;
  readonly services: readonly Service[];
  /** What the users of its flows do. */
  readonly workloads?: readonly WorkloadPlan[];
  readonly criteria: readonly CriterionSpec[];
  readonly seed: number;
  readonly maxInFlight: number;
  readonly grace: Ms;
  /** What is to be measured beside the load generator and its machine; nothing, where absent. */
  readonly resources?: ResourcePlan;
  /** End of the last phase. */
  readonly duration: Ms;
  readonly notices: readonly Notice[];
}

export interface ReportSettings {
  readonly outputDir: string;
  readonly formats: readonly string[];
  readonly charts: boolean;
  /** The scenario (or file) that `Nx baseline` speaks of. */
  readonly comparisonBaseline: string;
  /** Runs of a scenario that stay on the disk; null for all. */
  readonly keep: number | null;
  readonly percentiles: readonly number[];
  /** Window of the throughput shown, in milliseconds. */
  readonly throughputWindow: Ms;
}

/** The log of requests. */
export interface RequestLogSettings {
  /** Relative to the working directory; null: the run's folder. */
  readonly dir: string | null;
  /** Null: the run's own. */
  readonly runId: string | null;
}

/** Index `index` of `of` does every of-th user and arrival, from 0. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

export const OUTCOMES = [
  "ok",
  "timeout",
  "refused",
  "reset",
  "limited",
  "client-error",
  "server-error",
  "invalid",
  "aborted",
  "unsent",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a call that fell due was never sent: our lateness, the service's slowness, or our machine's limits. */
export const UNSENT_CAUSES = ["late", "limit", "machine"] as const;
export type UnsentCause = (typeof UNSENT_CAUSES)[number];

export type NoticeKind =
  | "embedded"
  | "not-judged"
  | "few-samples"
  | "generator-saturated"
  | "worker-lost"
  | "cut-at-end"
  | "names-bounded"
  | "folder-unwritable"
  | "share-missing"
  | "agent-lost"
  | "source-missing"
  | "targets-differ"
  | "hook-failed"
  | "sink-incomplete";

/** Something the reader must know to trust the numbers. */
export interface Notice {
  readonly kind: NoticeKind;
  readonly text: string;
}

/** Which endpoint a series belongs to; the position in `RunHeader.ops` is its id. */
export interface OpInfo {
  readonly service: string;
  readonly name: string;
  /** Of a service with several hosts: those of one service and name are parts of one endpoint. */
  readonly host?: string;
  readonly protocol: string;
  readonly method: string;
  readonly tags?: readonly string[];
  /** Names of the metrics that its calls give, e.g. `ttft`, and their units. */
  readonly metrics: readonly MetricInfo[];
}

export interface MetricInfo {
  readonly name: string;
  readonly unit: string;
  /** Its values add up to a total. */
  readonly adds?: boolean;
}

export interface Environment {
  readonly tenfold: string;
  readonly node: string;
  readonly os: string;
  readonly cpus: number;
  readonly memory_bytes: number;
  readonly git_sha: string | null;
  readonly git_branch: string | null;
  readonly ci: string | null;
}

export type Ended = "completed" | "stopped" | "aborted" | "failed";

/** What is known of a run before its first call; the first line of `timeline.jsonl`. Secrets are already masked. */
export interface RunHeader {
  readonly format: 1;
  readonly runId: string;
  readonly startedAt: string;
  readonly scenario: Scenario;
  readonly environment: Environment;
  readonly ops: readonly OpInfo[];
  readonly reports: ReportSettings;
  readonly workers: number;
}

export type Status = "pass" | "fail" | "unknown";

/** What a criterion says of a run. `observed` and `limit` are in `unit`. */
export interface Verdict {
  readonly criterion: string;
  readonly scope: string;
  readonly status: Status;
  readonly observed?: number;
  readonly limit?: number;
  readonly unit?: string;
  readonly why: string;
}
