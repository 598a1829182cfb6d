/** Counts and histograms of the calls of a second, by op and phase. */
import { Histogram } from "../core/histogram.ts";
import type { Ms } from "../core/model.ts";
import { COUNTERS, type SeriesDelta } from "../core/snapshot.ts";

/** A series of the second under way; kept and cleared from second to second. */
interface Cell extends SeriesDelta {
  touched: boolean;
}

export interface CellsSetup {
  readonly phases: number;
  readonly objectives: number;
  /** How many metrics an op has. */
  metricsOf(op: number): number;
}

function emptyCell(op: number, phase: number, { objectives, metricsOf }: CellsSetup): Cell {
  const metrics = Array.from({ length: metricsOf(op) }, () => new Histogram());
  const counts = new Array<number>(COUNTERS.length + objectives).fill(0);
  return { op, phase, counts, latency: new Histogram(), service: new Histogram(), metrics, touched: false };
}

function clear(cell: Cell): void {
  cell.touched = false;
  cell.counts.fill(0);
  cell.latency.clear();
  cell.service.clear();
  for (const metric of cell.metrics) metric.clear();
}

/** Those of the second under way. */
export class Cells {
  private readonly setup: CellsSetup;
  private readonly cells: (Cell | undefined)[] = [];
  private readonly used: Cell[] = [];
  /** How many phases are let go of. */
  private forgotten = 0;

  constructor(setup: CellsSetup) {
    this.setup = setup;
  }

  /** Makes room for a further op. With gaps, a long array becomes a table that is slow to look up. */
  define(): void {
    for (let i = 0; i < this.setup.phases; i++) this.cells.push(undefined);
  }

  at(op: number, phase: number): SeriesDelta {
    const index = op * this.setup.phases + phase;
    let cell = this.cells[index];
    if (cell === undefined) {
      cell = emptyCell(op, phase, this.setup);
      this.cells[index] = cell;
    }
    if (!cell.touched) {
      cell.touched = true;
      this.used.push(cell);
    }
    return cell;
  }

  /** Those that were asked for since they were cleared. */
  get touched(): readonly SeriesDelta[] {
    return this.used;
  }

  /** Empties them for the next second, and keeps their memory. */
  clear(): void {
    for (const cell of this.used) clear(cell);
    this.used.length = 0;
  }

  /** Lets go of the cells, all of them empty now, of the phases before one; what ends later still makes new ones. */
  forgetBefore(phase: number): void {
    const { phases } = this.setup;
    for (; this.forgotten < phase; this.forgotten++)
      for (let i = this.forgotten; i < this.cells.length; i += phases) this.cells[i] = undefined;
  }
}

/** Those of seconds that are told already, for calls found later: unsent, or held back. */
export class OverdueCells {
  private readonly setup: CellsSetup;
  private readonly seconds = new Map<number, Map<string, Cell>>();

  constructor(setup: CellsSetup) {
    this.setup = setup;
  }

  /** Of the second in which `t` lies. */
  at(t: Ms, op: number, phase: number): SeriesDelta {
    const second = Math.floor(t / 1000);
    const cells = this.seconds.get(second) ?? new Map<string, Cell>();
    this.seconds.set(second, cells);
    const cell = cells.get(`${op} ${phase}`) ?? emptyCell(op, phase, this.setup);
    cells.set(`${op} ${phase}`, cell);
    return cell;
  }

  /** Gives those of seconds before one, and forgets them. */
  takeBefore(second: number, give: (second: number, cells: readonly SeriesDelta[]) => void): void {
    for (const [each, cells] of this.seconds) {
      if (each >= second) continue;
      this.seconds.delete(each);
      give(each, [...cells.values()]);
    }
  }
}
