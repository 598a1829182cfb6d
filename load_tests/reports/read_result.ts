/** Reads a result file back into the report that it was written from. The file may come from anywhere. */
import { DamagedResult, parseBounded, RESULT_LIMITS } from "../core/damaged.ts";
import type { RunResult } from "../core/ledger.ts";
import type { Report } from "../core/plugin.ts";
import { checked, checkPlaces, readHeader } from "../core/run_schema.ts";
import { endpointIndexes } from "./endpoints.ts";
import { blockOf, histogramsIn, seriesOf, wholeRoom } from "./read_histograms.ts";
import { secondsOf } from "./read_seconds.ts";
import { storedResource } from "./resources.ts";
import { type Result, resultSchema } from "./result_schema.ts";

function runOf(told: Result): RunResult {
  const { histograms: stored } = told;
  const room = wholeRoom();
  const header = readHeader(stored.run.header);
  checkPlaces(header, [...stored.series, ...stored.run.failures, ...stored.run.slowest]);
  const seconds = secondsOf(stored, room);
  const indexes = endpointIndexes(header.ops);
  const firsts = [...new Set(indexes)].map((endpoint) => indexes.indexOf(endpoint));
  const blocks = stored.blocks.map((block) => blockOf(block, firsts, room));
  for (const block of blocks) checkPlaces(header, block.series);
  return {
    header,
    series: seriesOf(stored, header, room),
    seconds,
    blocks,
    failures: stored.run.failures,
    slowest: stored.run.slowest,
    lateness: histogramsIn(stored.lateness, 1, room)[0]!,
    loopDelay: histogramsIn(stored.event_loop_delay, 1, room)[0]!,
    cpu: told.generator.cpu_percent,
    resources: told.resources.map(storedResource),
    notices: told.notices,
    ended: told.ended,
    duration: stored.run.duration_ms,
    endedAt: told.ended_at,
  };
}

/** The report that a JSON report was written from. Throws a DamagedResult on any other text. */
export function readResult(text: string): Report {
  const told = checked(resultSchema, parseBounded(text, RESULT_LIMITS));
  try {
    return {
      result: runOf(told),
      verdicts: told.criteria.map(({ observed, limit, unit, ...rest }) => ({
        ...rest,
        ...(observed === null ? {} : { observed }),
        ...(limit === null ? {} : { limit }),
        ...(unit === null ? {} : { unit }),
      })),
      verdict: told.verdict,
      exitCode: told.exit_code,
      why: told.histograms.run.why,
      generatorHealthy: told.generator.healthy,
      stamp: told.histograms.run.stamp,
      comparison: told.comparison === null ? null : { comparison: told.comparison, drawings: [] },
      beside: told.beside_baseline,
    };
  } catch (error) {
    if (error instanceof DamagedResult) throw error;
    throw new DamagedResult(`its histograms cannot be read: ${(error as Error).message}`);
  }
}
