/** `results_<run_id>.jsonl`, a line a call, and `summary_<run_id>.json`: beside the load, and never in its way. */
import type { LoggedCalls } from "../core/logged_call.ts";
import type { Mask } from "../core/mask.ts";
import type { RunHeader } from "../core/model.ts";
import { ByteText } from "./byte_text.ts";
import { type Figures, FiguresByFunction } from "./figures.ts";
import { FunctionMetadata } from "./function_metadata.ts";
import { type Place, placesOf } from "./place.ts";
import { LineForm } from "./request_line.ts";
import { Stamps } from "./stamps.ts";

export interface RequestLogSetup {
  readonly header: RunHeader;
  readonly mask: Mask;
  /** Whether functions' metadata are asked for. */
  readonly withMetadata?: boolean;
  /** Appends to the file, however long that takes. */
  write(text: Uint8Array): void;
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
  /** Lines that are not in the file. */
  dropped = 0;
  /** Why the file ends before the run does; null where it does not. */
  problem: Error | null = null;
  private readonly setup: RequestLogSetup;
  private readonly placeOf: (op: number) => Place;
  private readonly startedAt: number;
  private readonly figures = new FiguresByFunction();
  private readonly functions: FunctionMetadata | null;
  private readonly stamps = new Stamps();
  private readonly text = new ByteText();
  private records = 0;
  private measured = 0;
  private ended = false;

  constructor(setup: RequestLogSetup) {
    this.setup = setup;
    this.placeOf = placesOf(setup.header);
    this.startedAt = Date.parse(setup.header.startedAt);
    this.functions = setup.withMetadata === true ? new FunctionMetadata() : null;
  }

  add({ calls, dropped }: LoggedCalls): void {
    this.dropped += dropped;
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
    this.write(this.records - before);
  }

  /** Lines that come after this are counted only. */
  end(): void {
    this.ended = true;
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

  private write(lines: number): void {
    const text = this.text.take();
    try {
      if (this.ended) this.dropped += lines;
      else this.setup.write(text);
    } catch (error) {
      this.problem = error as Error;
      this.dropped += lines;
      this.end();
    }
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
