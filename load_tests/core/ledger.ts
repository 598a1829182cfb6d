/** Folds the snapshots of a run into what criteria and reports read. Memory grows with endpoints and seconds only. */

import { ENDLESS } from "./endless.ts";
import { Histogram, mergeHistograms } from "./histogram.ts";
import type { Ended, Ms, Notice, OpInfo, RunHeader } from "./model.ts";
import { type Reading, ResourceFold, type ResourceSeries, reading, resourceUnit } from "./resource.ts";
import { type Block, blockLength, type Series, SeriesFold } from "./series_fold.ts";
import {
  ANSWERS_KEPT,
  COUNTER,
  FAILED_OUTCOMES,
  type FailureCount,
  failuresOf,
  requestsOf,
  type SlowCall,
  type Snapshot,
  slowestOf,
} from "./snapshot.ts";
import { asItRan, isStaged } from "./stages.ts";

export { type Block, blockLength, type Series, sumSeries } from "./series_fold.ts";

/** Scalars of one second; `t` is its end in seconds. Percentiles are of the calls that ended in it, in milliseconds. */
export interface Second {
  readonly t: number;
  users: number;
  inFlight: number;
  ok: number;
  requests: number;
  failures: number;
  /** `failures` by FAILED_OUTCOMES. */
  readonly failed: number[];
  aborted: number;
  unsent: number;
  p50?: number;
  p95?: number;
  p99?: number;
  /** WINDOW_PERCENTILES over the last 10 s. */
  window: number[];
  /** Of all calls since the start of the run. */
  soFar?: SoFar;
  cpu: number;
}

/** Latency in milliseconds and bytes received, from the start of the run to the end of a second. */
export interface SoFar {
  readonly p50: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly received: number;
}

/** Percentiles kept for each second over its last 10 s, as Locust's history has them. */
export const WINDOW_PERCENTILES = [0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1] as const;
const WINDOW_SECONDS = 10;

/** Everything that is known of a run. */
export interface RunResult {
  readonly header: RunHeader;
  readonly series: readonly Series[];
  readonly seconds: readonly Second[];
  readonly blocks: readonly Block[];
  readonly failures: readonly FailureCount[];
  /** Slowest first. */
  readonly slowest: readonly SlowCall[];
  readonly lateness: Histogram;
  readonly loopDelay: Histogram;
  readonly cpu: { readonly mean: number; readonly max: number };
  /** What was used beside the calls, a value a second. */
  readonly resources: readonly ResourceSeries[];
  readonly notices: readonly Notice[];
  readonly ended: Ended;
  /** To the end of the last phase or the stop, without the drain. */
  readonly duration: Ms;
  readonly endedAt: string;
}

/** A scope whose calls are followed second by second, as recovery needs. */
export interface Watch {
  readonly matches: (info: OpInfo) => boolean;
  readonly seconds: WatchedSecond[];
}
export interface WatchedSecond {
  n: number;
  failures: number;
  p95?: number;
  inFlight: number;
}

export class Ledger {
  readonly notices: Notice[];
  readonly seconds: Second[] = [];
  private readonly series: SeriesFold;
  private readonly failures = new Map<string, FailureCount>();
  private slowest: SlowCall[] = [];
  private readonly lateness = new Histogram();
  private readonly loopDelay = new Histogram();
  private readonly recent: Histogram[] = [];
  private readonly latency = new Histogram();
  private readonly used = new ResourceFold();
  private received = 0;
  private readonly ops: OpInfo[];
  private readonly planned: RunHeader;
  /** When each phase began, where only the run can tell. */
  private readonly starts: Ms[] = [0];
  private readonly watches: readonly Watch[];

  constructor(header: RunHeader, watches: readonly Watch[] = []) {
    this.ops = [...header.ops];
    this.planned = { ...header, ops: this.ops };
    this.watches = watches;
    this.notices = [...header.scenario.notices];
    this.series = new SeriesFold(this.ops, blockLength(header.scenario.duration));
  }

  /** With the phases that the plan has no times for as they came so far. */
  get header(): RunHeader {
    return this.headerTo(ENDLESS);
  }

  /** The phase at this position began. */
  phase(index: number, at: Ms): void {
    this.starts[index] = at;
  }

  private headerTo(end: Ms): RunHeader {
    const { planned } = this;
    return isStaged(planned.scenario) ? { ...planned, scenario: asItRan(planned.scenario, this.starts, end) } : planned;
  }

  /** Adds a snapshot. Seconds come in order; a `late` one (calls found unsent) is added to its second. */
  add(snapshot: Snapshot): void {
    this.series.add(snapshot.series, snapshot.from);
    this.lateness.merge(snapshot.lateness);
    this.loopDelay.merge(snapshot.loopDelay);
    for (const failure of snapshot.failures) this.addFailure(failure);
    this.slowest = slowestOf([...this.slowest, ...snapshot.slowest]);
    this.addSecond(snapshot);
    for (const watch of this.watches) this.follow(watch, snapshot);
  }

  /** A further op, met while the run goes on; before the first snapshot that has it. */
  line(op: OpInfo): void {
    this.ops.push(op);
  }

  notice(notice: Notice): void {
    this.notices.push(notice);
  }

  /** Adds what was measured of the second that ended `t` seconds into the run. */
  resources(t: number, readings: readonly Reading[]): void {
    this.used.add(t, readings);
  }

  /** The run so far, as a result. `duration` in milliseconds. */
  result(ended: Ended, duration: Ms, endedAt: string): RunResult {
    const cpus = this.seconds.map((second) => second.cpu);
    return {
      header: this.headerTo(duration),
      series: this.series.wholes(),
      seconds: this.seconds,
      blocks: this.series.blocks(),
      failures: [...this.failures.values()],
      slowest: this.slowest,
      lateness: this.lateness,
      loopDelay: this.loopDelay,
      cpu: {
        mean: cpus.reduce((a, b) => a + b, 0) / Math.max(1, cpus.length),
        max: cpus.reduce((a, b) => Math.max(a, b), 0),
      },
      resources: this.used.series(),
      notices: this.notices,
      ended,
      duration,
      endedAt,
    };
  }

  private addFailure(failure: FailureCount): void {
    const key = [failure.op, failure.phase, failure.outcome, failure.status, failure.message].join("\u0000");
    const known = this.failures.get(key);
    if (known === undefined) this.failures.set(key, { ...failure, answers: [...failure.answers] });
    else {
      known.count += failure.count;
      known.first = Math.min(known.first, failure.first);
      known.last = Math.max(known.last, failure.last);
      known.answers.push(...failure.answers.slice(0, ANSWERS_KEPT - known.answers.length));
    }
  }

  private addSecond(snapshot: Snapshot): void {
    const index = Math.round(snapshot.from / 1000);
    while (this.seconds.length <= index) this.seconds.push(emptySecond(this.seconds.length + 1));
    const second = this.seconds[index]!;
    for (const { counts } of snapshot.series) {
      second.ok += counts[COUNTER.ok]!;
      second.requests += requestsOf(counts);
      second.failures += failuresOf(counts);
      for (let i = 0; i < FAILED_OUTCOMES.length; i++) second.failed[i]! += counts[COUNTER[FAILED_OUTCOMES[i]!]]!;
      second.aborted += counts[COUNTER.aborted]!;
      second.unsent += counts[COUNTER.unsent]!;
      this.received += counts[COUNTER["received-bytes"]]!;
    }
    if (snapshot.late) return;
    const latency = mergeHistograms(snapshot.series.map((series) => series.latency));
    second.users = snapshot.users;
    second.inFlight = snapshot.inFlight;
    second.cpu = snapshot.cpu;
    this.used.add(second.t, generatorReadings(snapshot));
    second.p50 = latency.percentile(0.5);
    second.p95 = latency.percentile(0.95);
    second.p99 = latency.percentile(0.99);
    second.soFar = this.soFar(latency);
    this.recent.push(latency);
    if (this.recent.length > WINDOW_SECONDS) this.recent.shift();
    const window = mergeHistograms(this.recent);
    if (window.count > 0) second.window = WINDOW_PERCENTILES.map((p) => window.percentile(p)!);
  }

  private soFar(latest: Histogram): SoFar | undefined {
    this.latency.merge(latest);
    const { count, sum, min, max } = this.latency;
    if (count === 0) return undefined;
    return { p50: this.latency.percentile(0.5)!, mean: sum / count, min, max, received: this.received };
  }

  private follow(watch: Watch, snapshot: Snapshot): void {
    const index = Math.round(snapshot.from / 1000);
    const mine = snapshot.series.filter((series) => watch.matches(this.planned.ops[series.op]!));
    const latency = mergeHistograms(mine.map((series) => series.latency));
    while (watch.seconds.length <= index) watch.seconds.push({ n: 0, failures: 0, inFlight: 0 });
    const second = watch.seconds[index]!;
    second.n += latency.count;
    second.failures += mine.reduce((sum, { counts }) => sum + failuresOf(counts), 0);
    if (latency.count > 0) second.p95 = latency.percentile(0.95);
    second.inFlight = Math.max(second.inFlight, snapshot.inFlight);
  }
}

/** What the threads that make the load tell of themselves and of their clients. */
function generatorReadings({ cpu, loopDelay, gauges = {} }: Snapshot): Reading[] {
  const delay = loopDelay.percentile(0.99);
  return [
    reading("generator", "cpu", { source: "process", value: cpu }),
    ...(delay === undefined
      ? []
      : [reading("generator", "event_loop_delay", { source: "p99 of a second", value: delay })]),
    ...Object.entries(gauges).map(([name, value]) => ({
      name,
      source: name.startsWith("worker.") ? "thread" : "client",
      unit: resourceUnit(name) ?? "",
      value,
    })),
  ];
}

const emptySecond = (t: number): Second => ({
  t,
  users: 0,
  inFlight: 0,
  ok: 0,
  requests: 0,
  failures: 0,
  failed: FAILED_OUTCOMES.map(() => 0),
  aborted: 0,
  unsent: 0,
  window: [],
  cpu: 0,
});
