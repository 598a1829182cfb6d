/** Folds samples into one snapshot a second, where they arise. */
import { Histogram } from "../core/histogram.ts";
import { type Ms, OUTCOMES, type Outcome, type Phase, type UnsentCause } from "../core/model.ts";
import type { SloLimit, SloRule } from "../core/slo.ts";
import {
  ANSWERS_KEPT,
  type Beside,
  COUNTER,
  COUNTERS,
  encodeSnapshot,
  type FailureCount,
  type SeriesDelta,
  type SlowCall,
} from "../core/snapshot.ts";

/** What one ended call gives; times on the run's clock. */
export interface Sample {
  readonly op: number;
  readonly phase: number;
  readonly due: Ms;
  readonly start: Ms;
  readonly ended: Ms;
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly items: number;
  /** First and last item; negative without. */
  readonly first: Ms;
  readonly last: Ms;
  /** Values of `Op.extra` by their place among the metrics, where objectives ask for them. */
  readonly values: readonly number[] | null;
  /** 1 passed, -1 failed, 0 none. */
  readonly checked: number;
  /** The answer's text, masked and bounded; asked only for the first failures of a kind. */
  excerpt(): string;
}

type Failed = Pick<Sample, "op" | "phase" | "outcome" | "status" | "message" | "ended" | "excerpt">;

/** Where the metrics of an op are among its series' histograms; -1 where it has none of that sort. */
export interface MetricPlaces {
  readonly names: readonly string[];
  readonly first: number;
  readonly gap: number;
  /** Of `Op.extra[0]`. */
  readonly extra: number;
}

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
  /** Users there and calls outstanding, asked at each flush; CPU percent since the last. */
  readonly gauges: () => { users: number; inFlight: number; cpu: number; gauges?: Beside["gauges"] };
  readonly flush: (second: FlushedSecond) => void;
  /** A second is over: calls that ended before and are held back must be added now. */
  readonly settle?: (before: Ms) => void;
}

/** A series of the second under way; kept and cleared from second to second. */
interface Cell extends SeriesDelta {
  touched: boolean;
}

const MAX_KINDS_OF_FAILURE = 100;
/** Calls are held back so long at least, unless their user lets go of them. */
const HELD_FOR: Ms = 1000;
const SLOWEST_PER_SECOND = 5;
/** Seconds that unsent calls of one are gathered before they are told. */
const OVERDUE_FOR = 60;
const NO_GAUGES = { users: 0, inFlight: 0, cpu: 0, gauges: undefined };
const NOTHING_BESIDE: Beside = { failures: [], slowest: [] };
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
  /** By op, how many answers were kept of each kind of failure. */
  private readonly kinds = new Map<number, Map<string, number>>();
  private slowest: SlowCall[] = [];
  private readonly lateness = new Histogram();
  private readonly loopDelay = new Histogram();
  /** Calls of seconds that were flushed before they were found: unsent, or held back. */
  private readonly overdue = new Map<number, Map<string, Cell>>();
  private second = 0;
  /** How many phases are over and let go of. */
  private forgotten = 0;
  private readonly metrics: MetricPlaces[] = [];
  /** By op, whether objectives speak of values that its calls tell. */
  readonly asksValues: boolean[] = [];

  constructor(setup: RecorderSetup) {
    this.setup = setup;
    for (const places of setup.metrics) this.define(places);
  }

  /** A further op: gives its id. */
  define(places: MetricPlaces): number {
    const { names, extra } = places;
    // With gaps, a long array becomes a table that is slow to look up.
    for (let i = 0; i < this.setup.phases.length; i++) this.cells.push(undefined);
    const limited = this.setup.slos.flatMap(({ limits }) => limits.map(({ metric }) => metric));
    this.asksValues.push(limited.some((name) => names.indexOf(name) >= extra));
    return this.metrics.push(places) - 1;
  }

  /** Flushes every whole second that is over at `now`. */
  advance(now: Ms): void {
    while (now >= (this.second + 1) * 1000) this.flush();
  }

  /** Counts a call in the second in which it ended, also where it was held back and that second is told already. */
  add(sample: Sample): void {
    this.advance(sample.ended);
    const { op, phase, ended } = sample;
    const isLate = ended < this.second * 1000;
    const cell = isLate ? this.overdueCell(Math.floor(ended / 1000), op, phase) : this.cell(op, phase);
    const { counts } = cell;
    counts[OUTCOME_INDEX[sample.outcome]]!++;
    counts[COUNTER["sent-bytes"]]! += sample.sentBytes;
    counts[COUNTER["received-bytes"]]! += sample.receivedBytes;
    counts[COUNTER.items]! += sample.items;
    if (sample.checked !== 0) counts[sample.checked > 0 ? COUNTER["checks-passed"] : COUNTER["checks-failed"]]!++;
    if (this.setup.phases[sample.phase]!.measured) this.lateness.record(Math.max(0, sample.start - sample.due));
    if (sample.outcome === "aborted") return;
    const felt = Math.min(sample.due, sample.start);
    cell.latency.record(sample.ended - felt);
    cell.service.record(sample.ended - sample.start);
    this.noteSlow(sample, sample.ended - felt);
    if (sample.first >= 0) this.metric(sample.op, sample.phase, this.metrics[sample.op]!.first, sample.first - felt);
    if (sample.outcome !== "ok") this.fail(sample);
    else this.countSlos(sample, counts);
  }

  /** Something broke that is no call: shown among the failures, and counted by none. */
  broke(
    op: number,
    phase: number,
    broken: { readonly at: Ms; readonly status: string; readonly message: string },
  ): void {
    const { at, ...told } = broken;
    const kind = { op, phase, outcome: "invalid" as const, ...told };
    this.fail({ ...kind, ended: at, excerpt: () => "" });
  }

  /** A value of a metric, recorded as it comes; a place of -1 is nowhere. */
  metric(op: number, phase: number, place: number, value: number): void {
    if (place >= 0) this.cell(op, phase).metrics[place]!.record(value);
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
    this.setup.settle?.(Number.POSITIVE_INFINITY);
    if (this.touched.length > 0) this.flush();
    this.sendOverdue(Number.POSITIVE_INFINITY);
  }

  private flush(): void {
    this.setup.settle?.((this.second + 1) * 1000 - HELD_FOR);
    this.send(this.second, this.touched, false);
    for (const cell of this.touched) clear(cell);
    this.touched = [];
    this.failures = new Map();
    this.slowest = [];
    this.lateness.clear();
    this.loopDelay.clear();
    this.second++;
    this.forgetPhases();
    this.sendOverdue(this.second - OVERDUE_FOR);
  }

  /** Sends what was found late of seconds before one. */
  private sendOverdue(before: number): void {
    for (const [second, cells] of this.overdue) {
      if (second >= before) continue;
      this.send(second, [...cells.values()], true);
      this.overdue.delete(second);
    }
  }

  /** Lets go of the cells, all of them empty now, of phases that are over; what ends later still makes new ones. */
  private forgetPhases(): void {
    const { phases } = this.setup;
    for (; this.forgotten < phases.length - 1; this.forgotten++) {
      if (phases[this.forgotten + 1]!.start > this.second * 1000) return;
      for (let i = this.forgotten; i < this.cells.length; i += phases.length) this.cells[i] = undefined;
    }
  }

  private send(second: number, series: SeriesDelta[], late: boolean): void {
    const empty = new Histogram();
    const { gauges, ...scalars } = late ? NO_GAUGES : this.setup.gauges();
    const beside = late ? NOTHING_BESIDE : { failures: [...this.failures.values()], slowest: this.slowest, gauges };
    const bytes = encodeSnapshot({
      from: second * 1000,
      to: (second + 1) * 1000,
      ...scalars,
      series,
      ...beside,
      lateness: late ? empty : this.lateness,
      loopDelay: late ? empty : this.loopDelay,
    });
    this.setup.flush({ bytes, beside, late });
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
    const metrics = this.metrics[op]!.names.map(() => new Histogram());
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

  private fail(sample: Failed): void {
    const message = this.boundedKind(sample);
    const key = `${sample.op}\u0000${sample.phase}\u0000${sample.outcome}\u0000${sample.status}\u0000${message}`;
    const known = this.failures.get(key);
    const { op, phase, outcome, status, ended } = sample;
    const failure = known ?? { op, phase, outcome, status, message, count: 0, first: ended, last: ended, answers: [] };
    if (known === undefined) this.failures.set(key, failure);
    failure.count++;
    failure.last = ended;
    this.keepAnswer(sample, failure);
  }

  private keepAnswer(sample: Failed, { op, outcome, status, message, answers }: FailureCount): void {
    const kept = this.kinds.get(op)!;
    const kind = `${outcome}\u0000${status}\u0000${message}`;
    const count = kept.get(kind) ?? 0;
    if (count >= ANSWERS_KEPT) return;
    const text = sample.excerpt();
    if (text === "") return;
    kept.set(kind, count + 1);
    answers.push(text);
  }

  private noteSlow({ op, phase, ended, outcome, status }: Sample, latency: Ms): void {
    const slow = this.slowest;
    if (slow.length === SLOWEST_PER_SECOND && latency <= slow[slow.length - 1]!.latency) return;
    let at = slow.length;
    while (at > 0 && slow[at - 1]!.latency < latency) at--;
    slow.splice(at, 0, { op, phase, at: ended, latency, outcome, status });
    if (slow.length > SLOWEST_PER_SECOND) slow.pop();
  }

  /** Servers that put a number into each message must not fill the memory: past a bound, messages count as one. */
  private boundedKind({ op, outcome, status, message }: Failed): string {
    const kinds = this.kinds.get(op) ?? new Map<string, number>();
    this.kinds.set(op, kinds);
    const kind = `${outcome}\u0000${status}\u0000${message}`;
    if (kinds.has(kind)) return message;
    if (kinds.size >= MAX_KINDS_OF_FAILURE) return "(other messages)";
    kinds.set(kind, 0);
    return message;
  }

  private countSlos(sample: Sample, counts: number[]): void {
    const { slos } = this.setup;
    for (let i = 0; i < slos.length; i++) if (this.meetsAll(sample, slos[i]!)) counts[COUNTERS.length + i]!++;
  }

  private meetsAll(sample: Sample, { limits }: SloRule): boolean {
    for (const each of limits) if (!this.meets(sample, each)) return false;
    return true;
  }

  private meets(sample: Sample, { metric, limit, over }: SloLimit): boolean {
    const value = this.valueOf(sample, metric);
    return value === undefined || (over === true ? value > limit : value < limit);
  }

  /** Undefined where there is nothing to limit; NaN, which keeps no limit, where a first item did not come. */
  private valueOf(sample: Sample, metric: string): number | undefined {
    if (metric === "latency") return sample.ended - Math.min(sample.due, sample.start);
    if (metric === "service_time") return sample.ended - sample.start;
    const { names, first, gap } = this.metrics[sample.op]!;
    const place = names.indexOf(metric);
    if (place !== first && place !== gap) return sample.values?.[place];
    if (place < 0) return undefined;
    if (sample.first < 0) return Number.NaN;
    if (place === first) return sample.first - Math.min(sample.due, sample.start);
    return sample.items < 2 ? undefined : (sample.last - sample.first) / (sample.items - 1);
  }
}
