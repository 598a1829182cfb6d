/** `results_<run_id>.jsonl`, a line a call, and `summary_<run_id>.json`: beside the load, and never in its way. */
import type { LoggedCalls } from "../core/logged_call.ts";
import type { Mask } from "../core/mask.ts";
import type { RunHeader } from "../core/model.ts";
import { ByteText } from "./byte_text.ts";
import { type Figures, FiguresByFunction } from "./figures.ts";
import { FunctionMetadata } from "./function_metadata.ts";
import { LineWriter } from "./line_writer.ts";
import { type Place, placesOf } from "./place.ts";
import { LineForm } from "./request_line.ts";
import { Stamps } from "./stamps.ts";

export interface RequestLogSetup {
  readonly header: RunHeader;
  readonly mask: Mask;
  /** Whether functions' metadata are asked for. */
  readonly withMetadata?: boolean;
  /** Appends to the file. */
  write(text: Uint8Array): Promise<void>;
}

/** What the calls of one op in one phase are to the log. */
interface Kind {
  readonly place: Place;
  readonly line: LineForm;
  /** Null: they are not measured. */
  readonly figures: Figures | null;
}

export const resultsFile = (runId: string): string => `results_${runId}.jsonl`;
export const summaryFile = (runId: string): string => `summary_${runId}.json`;

export class RequestLog {
  private readonly setup: RequestLogSetup;
  private readonly placeOf: (op: number) => Place;
  private readonly startedAt: number;
  private readonly writer: LineWriter;
  private readonly figures = new FiguresByFunction();
  private readonly functions: FunctionMetadata | null;
  private readonly stamps = new Stamps();
  private readonly text = new ByteText();
  private records = 0;
  private measured = 0;
  private lost = 0;

  constructor(setup: RequestLogSetup) {
    this.setup = setup;
    this.placeOf = placesOf(setup.header);
    this.startedAt = Date.parse(setup.header.startedAt);
    this.writer = new LineWriter(setup.write);
    this.functions = setup.withMetadata === true ? new FunctionMetadata() : null;
  }

  /** Resolves when there is room for more: no more than one write waits. */
  async add({ calls, dropped }: LoggedCalls): Promise<void> {
    this.lost += dropped;
    const find = this.kinds();
    const before = this.records;
    for (const call of calls) {
      const kind = find(call.op, call.phase);
      const at = this.stamps.of(this.startedAt + call.start);
      kind.line.put(this.text, call, { index: this.records++, at });
      if (kind.figures === null) continue;
      this.measured++;
      kind.figures.add(call);
      this.functions?.add(kind.place.functionId, call);
    }
    const lines = this.records - before;
    if (lines > 0) await this.writer.add(this.text.take(), lines);
  }

  /** Settles when every line is written, or cannot be. */
  written(): Promise<void> {
    return this.writer.idle();
  }

  /** Gives up the lines that are not written yet, and all that come. */
  abandon(): void {
    this.writer.abandon();
  }

  /** Lines that are not in the file. */
  get dropped(): number {
    return this.lost + this.writer.dropped;
  }

  /** A write is under way, given up or not. */
  get isWriting(): boolean {
    return this.writer.isWriting;
  }

  /** Why the file ends before the run does; null where it does not. */
  get problem(): Error | null {
    return this.writer.problem;
  }

  /** The text of the functions' metadata, where it is asked for. */
  metadata(): string | null {
    return this.functions?.text() ?? null;
  }

  /** The text of the summary. */
  summary(generatedAt: string): string {
    const { dropped, records, measured, figures } = this;
    const { header, mask } = this.setup;
    const summary = {
      run_id: header.runId,
      generated_at_utc: generatedAt,
      total_records: records,
      measured_records: measured,
      ...(dropped === 0 ? {} : { dropped_records: dropped }),
      by_function_url: figures.told(mask),
    };
    return `${JSON.stringify(summary, null, 2)}\n`;
  }

  /** Found once for many calls, and not for ever: what a kind has masked is no longer right once another secret is known. */
  private kinds(): (op: number, phase: number) => Kind {
    const { phases } = this.setup.header.scenario;
    const known: Kind[] = [];
    return (op, phase) => {
      const place = op * phases.length + phase;
      known[place] ??= this.kindOf(op, phase);
      return known[place];
    };
  }

  private kindOf(op: number, phase: number): Kind {
    const { header, mask } = this.setup;
    const place = this.placeOf(op);
    const { measured } = header.scenario.phases[phase]!;
    return {
      place,
      line: new LineForm(place, { runId: header.runId, phase: measured ? "measured" : "warmup", mask }),
      figures: measured ? this.figures.of(place) : null,
    };
  }
}
