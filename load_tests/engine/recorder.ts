/** Folds samples into one snapshot a second, where they arise. */
import { Histogram } from "../core/histogram.ts";
import { type Ms, OUTCOMES, type Outcome, type Phase, type UnsentCause } from "../core/model.ts";
import type { SloRule } from "../core/slo.ts";
import { COUNTER, COUNTERS, encodeSnapshot, type FailureCount, type SeriesDelta } from "../core/snapshot.ts";

/** What one ended call gives; times on the run's clock. */
export interface Sample {
  readonly op: number;
  readonly phase: number;
  readonly due: Ms;
  readonly start: Ms;
  readonly end: Ms;
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
  readonly sent: number;
  readonly received: number;
  readonly items: number;
  /** First and last item; negative without. */
  readonly first: Ms;
  readonly last: Ms;
  /** 1 passed, -1 failed, 0 none. */
  readonly checked: number;
}

/** A snapshot on its way to the fleet. `late` adds to a second that was sent before. */
export interface FlushedSecond {
  readonly bytes: Uint8Array;
  readonly failures: readonly FailureCount[];
  readonly late: boolean;
}

export interface RecorderSetup {
  /** Names of the metrics of each op: first item, gap. */
  readonly metrics: readonly (readonly string[])[];
  readonly phases: readonly Phase[];
  readonly slos: readonly SloRule[];
  /** Users there and calls outstanding, asked at each flush; CPU percent since the last. */
  readonly gauges: () => { users: number; inFlight: number; cpu: number };
  readonly flush: (second: FlushedSecond) => void;
}

/** A series of the second under way; kept and cleared from second to second. */
interface Cell extends SeriesDelta {
  touched: boolean;
}

const MAX_KINDS_OF_FAILURE = 100;
const OUTCOME_INDEX = Object.fromEntries(OUTCOMES.map((outcome, i) => [outcome, i])) as Record<Outcome, number>;
const UNSENT = { late: COUNTER["unsent-late"], limit: COUNTER["unsent-limit"], machine: COUNTER["unsent-machine"] };

function clear(cell: Cell): void {
  cell.touched = false;
  cell.counts.fill(0);
  cell.latency.clear();
  cell.service.clear();
  for (const metric of cell.metrics) metric.clear();
}

export class Recorder {
  private readonly setup: RecorderSetup;
  private readonly cells: (Cell | undefined)[] = [];
  private touched: Cell[] = [];
  private failures = new Map<string, FailureCount>();
  private readonly kinds = new Map<number, Set<string>>();
  private readonly lateness = new Histogram();
  private readonly loopDelay = new Histogram();
  /** Unsent calls of seconds that were flushed before they were found. */
  private readonly overdue = new Map<number, Map<string, Cell>>();
  private second = 0;

  constructor(setup: RecorderSetup) {
    this.setup = setup;
  }

  /** Flushes every whole second that is over at `now`. */
  advance(now: Ms): void {
    while (now >= (this.second + 1) * 1000) this.flush();
  }

  add(sample: Sample): void {
    this.advance(sample.end);
    const cell = this.cell(sample.op, sample.phase);
    const { counts } = cell;
    counts[OUTCOME_INDEX[sample.outcome]]!++;
    counts[COUNTER["sent-bytes"]]! += sample.sent;
    counts[COUNTER["received-bytes"]]! += sample.received;
    counts[COUNTER.items]! += sample.items;
    if (sample.checked !== 0) counts[sample.checked > 0 ? COUNTER["checks-passed"] : COUNTER["checks-failed"]]!++;
    if (this.setup.phases[sample.phase]!.measured) this.lateness.record(Math.max(0, sample.start - sample.due));
    if (sample.outcome === "aborted") return;
    const felt = Math.min(sample.due, sample.start);
    cell.latency.record(sample.end - felt);
    cell.service.record(sample.end - sample.start);
    if (sample.first >= 0 && cell.metrics.length > 0) cell.metrics[0]!.record(sample.first - felt);
    if (sample.outcome !== "ok") this.fail(sample);
    else this.countSlos(sample, counts);
  }

  /** The gap between two items of one call, recorded as it comes. */
  gap(op: number, phase: number, gap: Ms): void {
    this.cell(op, phase).metrics[1]?.record(gap);
  }

  /** A call that fell due and was never sent; it counts in the second of its due. */
  unsent(op: number, phase: number, due: Ms, cause: UnsentCause): void {
    const second = Math.floor(due / 1000);
    const { counts } = second < this.second ? this.overdueCell(second, op, phase) : this.cell(op, phase);
    counts[COUNTER.unsent]!++;
    counts[UNSENT[cause]]!++;
  }

  tick(delay: Ms, phase: number): void {
    if (this.setup.phases[phase]!.measured) this.loopDelay.record(delay);
  }

  /** Flushes the second under way and what was found late. */
  finish(now: Ms): void {
    this.advance(now);
    if (this.touched.length > 0) this.flush();
    for (const [second, cells] of this.overdue) this.send(second, [...cells.values()], true);
    this.overdue.clear();
  }

  private flush(): void {
    this.send(this.second, this.touched, false);
    for (const cell of this.touched) clear(cell);
    this.touched = [];
    this.failures = new Map();
    this.lateness.clear();
    this.loopDelay.clear();
    this.second++;
  }

  private send(second: number, series: SeriesDelta[], late: boolean): void {
    const empty = new Histogram();
    const failures = late ? [] : [...this.failures.values()];
    const bytes = encodeSnapshot({
      from: second * 1000,
      to: (second + 1) * 1000,
      ...this.setup.gauges(),
      series,
      failures,
      lateness: late ? empty : this.lateness,
      loopDelay: late ? empty : this.loopDelay,
    });
    this.setup.flush({ bytes, failures, late });
  }

  private cell(op: number, phase: number): Cell {
    const index = op * this.setup.phases.length + phase;
    let cell = this.cells[index];
    if (cell === undefined) {
      cell = this.emptyCell(op, phase);
      this.cells[index] = cell;
    }
    if (!cell.touched) {
      cell.touched = true;
      this.touched.push(cell);
    }
    return cell;
  }

  private emptyCell(op: number, phase: number): Cell {
    const metrics = this.setup.metrics[op]!.map(() => new Histogram());
    const counts = new Array<number>(COUNTERS.length + this.setup.slos.length).fill(0);
    return { op, phase, counts, latency: new Histogram(), service: new Histogram(), metrics, touched: false };
  }

  private overdueCell(second: number, op: number, phase: number): Cell {
    const cells = this.overdue.get(second) ?? new Map<string, Cell>();
    this.overdue.set(second, cells);
    const cell = cells.get(`${op} ${phase}`) ?? this.emptyCell(op, phase);
    cells.set(`${op} ${phase}`, cell);
    return cell;
  }

  private fail(sample: Sample): void {
    const message = this.boundedKind(sample);
    const key = `${sample.op}\u0000${sample.phase}\u0000${sample.outcome}\u0000${sample.status}\u0000${message}`;
    const known = this.failures.get(key);
    if (known !== undefined) {
      known.count++;
      known.last = sample.end;
      return;
    }
    const { op, phase, outcome, status, end } = sample;
    this.failures.set(key, { op, phase, outcome, status, message, count: 1, first: end, last: end });
  }

  /** Servers that put a number into each message must not fill the memory: past a bound, messages count as one. */
  private boundedKind({ op, outcome, status, message }: Sample): string {
    const kinds = this.kinds.get(op) ?? new Set();
    this.kinds.set(op, kinds);
    const kind = `${outcome}\u0000${status}\u0000${message}`;
    if (kinds.has(kind)) return message;
    if (kinds.size >= MAX_KINDS_OF_FAILURE) return "(other messages)";
    kinds.add(kind);
    return message;
  }

  private countSlos(sample: Sample, counts: number[]): void {
    this.setup.slos.forEach((slo, i) => {
      if (slo.limits.every(({ metric, limit }) => this.meets(sample, metric, limit))) counts[COUNTERS.length + i]!++;
    });
  }

  /** A metric that this endpoint does not give limits nothing. */
  private meets(sample: Sample, metric: string, limit: number): boolean {
    if (metric === "latency") return sample.end - Math.min(sample.due, sample.start) < limit;
    if (metric === "service_time") return sample.end - sample.start < limit;
    const index = this.setup.metrics[sample.op]!.indexOf(metric);
    if (index < 0) return true;
    if (sample.first < 0) return false;
    if (index === 0) return sample.first - Math.min(sample.due, sample.start) < limit;
    return sample.items < 2 || (sample.last - sample.first) / (sample.items - 1) < limit;
  }
}
