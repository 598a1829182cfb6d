/** Folds samples into one snapshot a second, where they arise. */
import { Histogram } from "../core/histogram.ts";
import { type Ms, OUTCOMES, type Outcome, type Phase, type UnsentCause } from "../core/model.ts";
import type { SloRule } from "../core/slo.ts";
import { type Beside, COUNTER, encodeSnapshot, type SeriesDelta } from "../core/snapshot.ts";
import { Cells, OverdueCells } from "./cells.ts";
import { Failures } from "./failures.ts";
import { Objectives } from "./objectives.ts";
import { feltFrom, type MetricPlaces, type Sample } from "./sample.ts";
import { Slowest } from "./slowest.ts";

/** A snapshot on its way to the fleet. `late` adds to a second that was sent before. */
export interface FlushedSecond {
  readonly bytes: Uint8Array;
  readonly beside: Beside;
  readonly late: boolean;
}

export interface RecorderSetup {
  /** By op. */
  readonly metrics: readonly MetricPlaces[];
  readonly phases: readonly Phase[];
  readonly slos: readonly SloRule[];
  /** How many workers share the run; one where absent. */
  readonly workers?: number;
  /** Users there and calls outstanding, asked at each flush; CPU percent since the last. */
  readonly gauges: () => { users: number; inFlight: number; cpu: number; gauges?: Beside["gauges"] };
  readonly flush: (second: FlushedSecond) => void;
  /** A second is over: calls that ended before and are held back must be added now. */
  readonly settle?: (before: Ms) => void;
}

/** Calls are held back so long at least, unless their user lets go of them. */
const HELD_FOR: Ms = 1000;
/** Seconds that unsent calls of one are gathered before they are told. */
const OVERDUE_FOR = 60;
const NOTHING_BESIDE: Beside = { failures: [], slowest: [] };
const NOTHING = new Histogram();
const NO_GAUGES = { users: 0, inFlight: 0, cpu: 0, lateness: NOTHING, loopDelay: NOTHING };
const OUTCOME_INDEX = Object.fromEntries(OUTCOMES.map((outcome, i) => [outcome, i])) as Record<Outcome, number>;
const UNSENT = { late: COUNTER["unsent-late"], limit: COUNTER["unsent-limit"], machine: COUNTER["unsent-machine"] };

export class Recorder {
  private readonly setup: RecorderSetup;
  private readonly cells: Cells;
  private readonly overdue: OverdueCells;
  private readonly objectives: Objectives;
  private readonly failures: Failures;
  private readonly slowest = new Slowest();
  private readonly lateness = new Histogram();
  private readonly loopDelay = new Histogram();
  private readonly metrics: MetricPlaces[] = [];
  private second = 0;
  /** By op, whether objectives speak of values that its calls tell. */
  readonly asksValues: boolean[] = [];

  constructor(setup: RecorderSetup) {
    this.setup = setup;
    const metricsOf = (op: number): number => this.metrics[op]!.names.length;
    const cells = { phases: setup.phases.length, objectives: setup.slos.length, metricsOf };
    this.cells = new Cells(cells);
    this.overdue = new OverdueCells(cells);
    this.objectives = new Objectives(setup.slos);
    this.failures = new Failures(setup.workers ?? 1);
    for (const places of setup.metrics) this.define(places);
  }

  /** A further op: gives its id. */
  define(places: MetricPlaces): number {
    this.cells.define();
    this.asksValues.push(this.objectives.define(places));
    return this.metrics.push(places) - 1;
  }

  /** Flushes every whole second that is over at `now`. */
  advance(now: Ms): void {
    while (now >= (this.second + 1) * 1000) this.flush();
  }

  /** Counts a call in the second in which it ended, also where it was held back and that second is told already. */
  add(sample: Sample): void {
    this.advance(sample.ended);
    const { counts, latency, service } = this.cellAt(sample.ended, sample.op, sample.phase);
    counts[OUTCOME_INDEX[sample.outcome]]!++;
    counts[COUNTER["sent-bytes"]]! += sample.sentBytes;
    counts[COUNTER["received-bytes"]]! += sample.receivedBytes;
    counts[COUNTER.items]! += sample.items;
    if (sample.checked !== 0) counts[sample.checked > 0 ? COUNTER["checks-passed"] : COUNTER["checks-failed"]]!++;
    if (this.setup.phases[sample.phase]!.measured) this.lateness.record(Math.max(0, sample.start - sample.due));
    if (sample.outcome === "aborted") return;
    const felt = feltFrom(sample);
    latency.record(sample.ended - felt);
    service.record(sample.ended - sample.start);
    this.slowest.note(sample, sample.ended - felt);
    if (sample.first >= 0) this.metric(sample.op, sample.phase, this.metrics[sample.op]!.first, sample.first - felt);
    if (sample.outcome !== "ok") this.failures.add(sample);
    else this.objectives.count(sample, counts);
  }

  /** Something broke that is no call: shown among the failures, and counted by none. */
  broke(
    op: number,
    phase: number,
    broken: { readonly at: Ms; readonly status: string; readonly message: string },
  ): void {
    const { at, ...told } = broken;
    this.failures.add({ op, phase, outcome: "invalid", ...told, ended: at, excerpt: () => "" });
  }

  /** A value of a metric, recorded as it comes; a place of -1 is nowhere. */
  metric(op: number, phase: number, place: number, value: number): void {
    if (place >= 0) this.cells.at(op, phase).metrics[place]!.record(value);
  }

  /** A call that fell due and was never sent; it counts in the second of its due. */
  unsent(op: number, phase: number, due: Ms, cause: UnsentCause): void {
    const { counts } = this.cellAt(due, op, phase);
    counts[COUNTER.unsent]!++;
    counts[UNSENT[cause]]!++;
  }

  tick(delay: Ms, phase: number): void {
    if (this.setup.phases[phase]!.measured) this.loopDelay.record(delay);
  }

  /** Flushes the second under way and what was found late. */
  finish(now: Ms): void {
    this.advance(now);
    this.setup.settle?.(Number.POSITIVE_INFINITY);
    if (this.cells.touched.length > 0) this.flush();
    this.sendOverdue(Number.POSITIVE_INFINITY);
  }

  private cellAt(t: Ms, op: number, phase: number): SeriesDelta {
    return t < this.second * 1000 ? this.overdue.at(t, op, phase) : this.cells.at(op, phase);
  }

  private flush(): void {
    this.setup.settle?.((this.second + 1) * 1000 - HELD_FOR);
    this.sendSecond();
    this.cells.clear();
    this.lateness.clear();
    this.loopDelay.clear();
    this.second++;
    this.cells.forgetBefore(this.phasesOver());
    this.sendOverdue(this.second - OVERDUE_FOR);
  }

  /** How many phases are over; the last never is. */
  private phasesOver(): number {
    const { phases } = this.setup;
    const next = phases.findIndex(({ start }, i) => i > 0 && start > this.second * 1000);
    return (next < 0 ? phases.length : next) - 1;
  }

  private sendSecond(): void {
    const { gauges, ...scalars } = this.setup.gauges();
    const beside = { failures: this.failures.take(), slowest: this.slowest.take(), gauges };
    const series = this.cells.touched;
    const { lateness, loopDelay } = this;
    const bytes = encodeSnapshot({ ...spanOf(this.second), ...scalars, series, ...beside, lateness, loopDelay });
    this.setup.flush({ bytes, beside, late: false });
  }

  /** Sends what was found late of seconds before one. */
  private sendOverdue(before: number): void {
    this.overdue.takeBefore(before, (second, series) => {
      const bytes = encodeSnapshot({ ...spanOf(second), ...NO_GAUGES, series, ...NOTHING_BESIDE });
      this.setup.flush({ bytes, beside: NOTHING_BESIDE, late: true });
    });
  }
}

const spanOf = (second: number) => ({ from: second * 1000, to: (second + 1) * 1000 });
