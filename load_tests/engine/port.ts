/** What the fleet and a worker say to each other. */
import type { Ms, NoticeKind, OpInfo, Scenario, Share } from "../core/model.ts";
import type { FlushedSecond } from "./recorder.ts";

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
}

export type ToWorker =
  | { readonly say: "prepare"; readonly job: Job }
  /** The run's 0, in milliseconds of `epochNow`. */
  | { readonly say: "start"; readonly epoch: number }
  /** No new calls; what is open after `drain` is cut. */
  | { readonly say: "stop"; readonly drain: Ms };

export type FromWorker =
  | { readonly say: "ready"; readonly ops: readonly OpInfo[] }
  | { readonly say: "failed"; readonly why: string }
  | { readonly say: "second"; readonly second: FlushedSecond }
  | { readonly say: "exchange"; readonly text: string }
  | { readonly say: "notice"; readonly kind: NoticeKind; readonly text: string }
  /** A feed has no row left, and its config says that the run ends then. */
  | { readonly say: "exhausted"; readonly feed: string }
  /** `at` is when the load ended, without the drain. */
  | { readonly say: "ended"; readonly at: Ms };
