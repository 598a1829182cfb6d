/** `results_<run_id>.jsonl`, a line a call, and `summary_<run_id>.json`: beside the load, and never in its way. */
import type { LoggedCalls } from "../core/logged_call.ts";
import type { Mask } from "../core/mask.ts";
import type { RunHeader } from "../core/model.ts";
import { FunctionMetadata } from "./function_metadata.ts";
import { LineWriter } from "./line_writer.ts";
import { Figures, lineOf, type Place, placesOf, Stamps } from "./request_record.ts";

export interface RequestLog {
  add(calls: LoggedCalls): void;
  /** Settles when every line is written, or cannot be. */
  written(): Promise<void>;
  /** Gives up the lines that still wait. */
  abandon(): void;
  /** Lines that are not in the file. */
  readonly dropped: number;
  /** Why the file ends before the run does; null where it does not. */
  readonly problem: Error | null;
  /** The text of the summary. */
  summary(generatedAt: string): string;
  /** The text of the functions' metadata, where it is asked for. */
  metadata(): string | null;
}

export interface RequestLogSetup {
  readonly header: RunHeader;
  readonly mask: Mask;
  /** Whether functions' metadata are asked for. */
  readonly withMetadata?: boolean;
  /** Appends to the file. */
  write(text: string): Promise<void>;
}

export const resultsFile = (runId: string): string => `results_${runId}.jsonl`;
export const summaryFile = (runId: string): string => `summary_${runId}.json`;

export function openRequestLog({ header, mask, withMetadata = false, write }: RequestLogSetup): RequestLog {
  const { runId, scenario } = header;
  const placeOf = placesOf(header);
  const startedAt = Date.parse(header.startedAt);
  const writer = new LineWriter(write);
  const figures = new Map<string, Map<string, Figures>>();
  const metadata = withMetadata ? new FunctionMetadata() : null;
  const stamps = new Stamps();
  let index = 0;
  let measured = 0;
  let lost = 0;

  const figuresOf = ({ functionId, baseUrl }: Place): Figures => {
    const urls = figures.get(functionId) ?? new Map<string, Figures>();
    figures.set(functionId, urls);
    const found = urls.get(baseUrl) ?? new Figures();
    urls.set(baseUrl, found);
    return found;
  };

  return {
    add: ({ calls, dropped }) => {
      lost += dropped;
      for (const call of calls) {
        const place = placeOf(call.op);
        const isMeasured = scenario.phases[call.phase]!.measured;
        const phase = isMeasured ? "measured" : "warmup";
        const at = stamps.of(startedAt + call.start);
        writer.add(lineOf(call, place, { runId, at, index: index++, phase }, mask));
        if (!isMeasured) continue;
        measured++;
        figuresOf(place).add(call, place);
        metadata?.add(place.functionId, call);
      }
    },
    written: () => writer.idle(),
    abandon: () => writer.abandon(),
    get dropped() {
      return lost + writer.dropped;
    },
    get problem() {
      return writer.problem;
    },
    metadata: () => metadata?.text() ?? null,
    summary: (generatedAt) => {
      const byFunction = [...figures].map(([id, urls]) => [
        id,
        Object.fromEntries([...urls].map(([url, each]) => [mask.text(url), each])),
      ]);
      const dropped = lost + writer.dropped;
      const summary = {
        run_id: runId,
        generated_at_utc: generatedAt,
        total_records: index,
        measured_records: measured,
        ...(dropped === 0 ? {} : { dropped_records: dropped }),
        by_function_url: Object.fromEntries(byFunction),
      };
      return `${JSON.stringify(summary, null, 2)}\n`;
    },
  };
}
