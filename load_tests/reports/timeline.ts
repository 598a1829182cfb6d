/** The run second by second. */
import type { RunResult, Second } from "../core/ledger.ts";
import type { Outcome } from "../core/model.ts";
import { spanOf } from "../core/past.ts";
import { FAILED_OUTCOMES } from "../core/snapshot.ts";
import { decimals, measure } from "./figures.ts";

export interface TimelineRow {
  /** End of the second, in seconds from the start. */
  readonly t_s: number;
  /** Seconds that the row stands for, where these are several: older ones of a run without an end. */
  readonly span_s?: number;
  readonly users: number;
  readonly in_flight: number;
  /** Calls that ended in this second, failed and cut ones too. */
  readonly requests: number;
  readonly failures: number;
  /** Failures by outcome; those that there were. */
  readonly failures_by: Readonly<Partial<Record<Outcome, number>>>;
  readonly unsent: number;
  readonly aborted: number;
  /** Latency, in milliseconds, of the calls that ended in this second. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Requests a second over the window of throughput (`metrics.throughput.window`) that ends here. */
  readonly rps: number;
}

/** Mean a second of `pick` over each second and the `length` - 1 before it, or as many as there were. */
export function trailing(seconds: readonly Second[], length: number, pick: (second: Second) => number): number[] {
  let [sum, span, first] = [0, 0, 0];
  return seconds.map((second) => {
    sum += pick(second);
    span += spanOf(second);
    for (; span - spanOf(seconds[first]!) >= length; first++) {
      sum -= pick(seconds[first]!);
      span -= spanOf(seconds[first]!);
    }
    return sum / span;
  });
}

const failuresBy = ({ failures, failed }: Second): TimelineRow["failures_by"] =>
  failures === 0
    ? {}
    : Object.fromEntries(FAILED_OUTCOMES.map((name, i) => [name, failed[i]!]).filter(([, n]) => n !== 0));

export function timelineOf(result: RunResult): TimelineRow[] {
  const window = Math.max(1, Math.round(result.header.reports.throughputWindow / 1000));
  const rps = trailing(result.seconds, window, (second) => second.requests);
  return result.seconds.map((second, i) => ({
    t_s: second.t,
    ...(second.span === undefined ? {} : { span_s: second.span }),
    users: second.users,
    in_flight: second.inFlight,
    requests: second.requests,
    failures: second.failures,
    failures_by: failuresBy(second),
    unsent: second.unsent,
    aborted: second.aborted,
    p50: measure(second.p50),
    p95: measure(second.p95),
    p99: measure(second.p99),
    rps: decimals(rps[i]!, 3),
  }));
}
