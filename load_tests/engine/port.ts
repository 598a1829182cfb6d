/** What the fleet and a worker say to each other. */
import type { Ms, NoticeKind, OpInfo, Scenario, Share } from "../core/model.ts";
import type { FlushedSecond } from "./recorder.ts";
import type { TappedCalls, TapSettings } from "./tap.ts";

/** All that a worker needs to do its share. */
export interface Job {
  readonly scenario: Scenario;
  readonly share: Share;
  readonly runId: string;
  /** Values that nothing written may show. */
  readonly secrets: readonly string[];
  /** Environment that templates name. */
  readonly env: Readonly<Record<string, string>>;
  /** Requests and answers are to be shown. */
  readonly once?: boolean;
  /** Calls are told whole, for a log or a sink. */
  readonly tap?: TapSettings;
  /** Users' own files with protocols. */
  readonly protocolFiles?: readonly string[];
  /** What code of workloads gave in its `setup`, by their names. */
  readonly shared?: Readonly<Record<string, unknown>>;
}

export type ToWorker =
  | { readonly say: "prepare"; readonly job: Job }
  /** The run's 0, in milliseconds of `epochNow`. */
  | { readonly say: "start"; readonly epoch: number }
  /** No new calls; what is open after `drain` is cut. */
  | { readonly say: "stop"; readonly drain: Ms }
  /** The phase at this position begins at `at`, as the one before is through in all workers. */
  | { readonly say: "phase"; readonly index: number; readonly at: Ms }
  /** A piece of memory that calls came in, back again. */
  | { readonly say: "room"; readonly memory: ArrayBuffer };

export type FromWorker =
  | { readonly say: "ready"; readonly ops: readonly OpInfo[] }
  | { readonly say: "failed"; readonly why: string }
  /** A further op of this worker, by its id there; before the first second that has it. */
  | { readonly say: "line"; readonly id: number; readonly info: OpInfo }
  | { readonly say: "second"; readonly second: FlushedSecond }
  | { readonly say: "exchange"; readonly text: string }
  | { readonly say: "notice"; readonly kind: NoticeKind; readonly text: string }
  /** A line for who looks on. */
  | { readonly say: "log"; readonly text: string }
  /** A feed has no row left, and its config says that the run ends then. */
  | { readonly say: "exhausted"; readonly feed: string }
  | ({ readonly say: "calls" } & TappedCalls)
  /** A secret that became known on the way, of which logged calls may speak. */
  | { readonly say: "secret"; readonly value: string }
  /** What this worker had to do in a phase is done. */
  | { readonly say: "through"; readonly phase: number }
  /** `at` is when the load ended, without the drain. */
  | { readonly say: "ended"; readonly at: Ms };
