/** Folds the snapshots of a run into what criteria and reports read. Memory grows with endpoints and, up to a bound, with seconds. */

import { type Block, blockLength } from "./blocks.ts";
import { ENDLESS } from "./endless.ts";
import { Histogram } from "./histogram.ts";
import type { Ended, Ms, Notice, OpInfo, RunHeader } from "./model.ts";
import { type Reading, type ResourceSeries, reading, resourceUnit } from "./resource.ts";
import { ResourceFold } from "./resource_fold.ts";
import { type Second, Seconds } from "./seconds.ts";
import { type Series, SeriesFold } from "./series_fold.ts";
import { ANSWERS_KEPT, type FailureCount, type SlowCall, type Snapshot, slowestOf } from "./snapshot.ts";
import { asItRan, isStaged, type PhaseStart } from "./stages.ts";
import { Thinning } from "./thinning.ts";
import { type Watch, WatchFold } from "./watched.ts";

export { type Block, blockLength } from "./blocks.ts";
export { type Second, type SoFar, WINDOW_PERCENTILES } from "./seconds.ts";
export { type Series, sumSeries } from "./series_fold.ts";
export type { Watch, WatchedSecond } from "./watched.ts";

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

/** Bytes of memory, with its answers. */
const KIND_OF_FAILURE = 4096;

export class Ledger {
  readonly notices: Notice[];
  private readonly bySecond: Seconds;
  private readonly series: SeriesFold;
  private readonly failures = new Map<string, FailureCount>();
  private slowest: SlowCall[] = [];
  private readonly lateness = new Histogram();
  private readonly loopDelay = new Histogram();
  private readonly used: ResourceFold;
  private readonly ops: OpInfo[];
  private readonly planned: RunHeader;
  /** When each phase began, where only the run can tell. */
  private readonly starts: PhaseStart[] = [];
  private readonly watches: readonly WatchFold[];

  constructor(header: RunHeader, watches: readonly Watch[] = []) {
    this.ops = [...header.ops];
    this.planned = { ...header, ops: this.ops };
    this.notices = [...header.scenario.notices];
    const { scenario } = header;
    this.watches = watches.map((watch) => new WatchFold(watch, Thinning.of(scenario)));
    this.bySecond = new Seconds(Thinning.of(scenario));
    this.used = new ResourceFold(() => Thinning.of(scenario));
    this.series = new SeriesFold(this.ops, blockLength(scenario.duration));
  }

  /** In their order; in a run without an end, older ones are merged. */
  get seconds(): readonly Second[] {
    return this.bySecond.entries;
  }

  /** With the phases that the plan has no times for as they came so far. */
  get header(): RunHeader {
    return this.headerTo(ENDLESS);
  }

  /** A phase began whose time the plan does not know. */
  phase(start: PhaseStart): void {
    this.starts.push(start);
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
    this.bySecond.add(snapshot);
    for (const watch of this.watches) watch.add(snapshot, this.ops);
    if (!snapshot.late) this.used.add(Math.round(snapshot.from / 1000) + 1, generatorReadings(snapshot));
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

  /** About how many bytes of memory histograms and kinds of failures take by now. */
  memory(): number {
    return this.series.memory() + this.failures.size * KIND_OF_FAILURE;
  }

  /** The run so far, as a result. `duration` in milliseconds. */
  result(ended: Ended, duration: Ms, endedAt: string): RunResult {
    return {
      header: this.headerTo(duration),
      series: this.series.wholes(),
      seconds: this.seconds,
      blocks: this.series.blocks(),
      failures: [...this.failures.values()],
      slowest: this.slowest,
      lateness: this.lateness,
      loopDelay: this.loopDelay,
      cpu: this.bySecond.cpu(),
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
