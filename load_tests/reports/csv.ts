/** The three CSV files of Locust, with its headers; times are milliseconds with their decimals. */
import { csvCell, terminal } from "../core/escape.ts";
import { type RunResult, type Second, sumSeries, WINDOW_PERCENTILES } from "../core/ledger.ts";
import { defineReporter } from "../core/plugin.ts";
import { COUNTER, failuresOf, requestsOf, type SeriesDelta } from "../core/snapshot.ts";
import { callsByEndpoint, failedByName } from "./endpoints.ts";
import { failureKinds, failureText } from "./failures.ts";
import { decimals, measure } from "./figures.ts";
import { trailing } from "./timeline.ts";

const NO_DATA = "N/A";
const PERCENTILES = "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%";
export const STATS_HEADER = `Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,${PERCENTILES}`;
export const HISTORY_HEADER = `Timestamp,User Count,Type,Name,Requests/s,Failures/s,${PERCENTILES},Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,Total Min Response Time,Total Max Response Time,Total Average Content Size`;
export const FAILURES_HEADER = "Method,Name,Error,Occurrences,First Seen,Last Seen";

/** Rates of the history are over the last 10 s, as its percentiles are. */
const WINDOW_SECONDS = 10;

type Cell = string | number | null;

/** Rows that end in CRLF (RFC 4180), one line each; null is an empty cell. */
export const csvText = (header: string, rows: readonly (readonly Cell[])[]): string =>
  [header, ...rows.map((row) => row.map(cellText).join(","))].map((line) => `${line}\r\n`).join("");

const cellText = (cell: Cell): string =>
  typeof cell === "string" ? csvCell(terminal(cell)) : cell === null ? "" : String(cell);

function statsRow(type: string, name: string, part: { whole: SeriesDelta; seconds: number }): Cell[] {
  const { counts, latency } = part.whole;
  const requests = requestsOf(counts);
  const failures = failuresOf(counts);
  const perSecond = (n: number) => (part.seconds > 0 ? decimals(n / part.seconds, 6) : 0);
  return [
    type,
    name,
    requests,
    failures,
    measure(latency.percentile(0.5)) ?? 0,
    measure(latency.mean) ?? 0,
    measure(latency.min) ?? 0,
    measure(latency.max) ?? 0,
    requests > 0 ? decimals(counts[COUNTER["received-bytes"]]! / requests, 3) : 0,
    perSecond(requests),
    perSecond(failures),
    ...WINDOW_PERCENTILES.map((p) => measure(p === 1 ? latency.max : latency.percentile(p)) ?? NO_DATA),
  ];
}

function stats(result: RunResult): string {
  const seconds = result.duration / 1000;
  const rows = callsByEndpoint(result).map(({ info, series }) =>
    statsRow(info.method, info.name, { whole: sumSeries(series), seconds }),
  );
  return csvText(STATS_HEADER, [...rows, statsRow("", "Aggregated", { whole: sumSeries(result.series), seconds })]);
}

const windowCells = (second: Second): Cell[] => WINDOW_PERCENTILES.map((_, i) => measure(second.window[i]) ?? NO_DATA);

function totalCells({ soFar }: Second, requests: number): Cell[] {
  if (soFar === undefined) return [0, 0, 0, 0, 0];
  const size = requests > 0 ? decimals(soFar.received / requests, 3) : 0;
  return [measure(soFar.p50), measure(soFar.mean), measure(soFar.min), measure(soFar.max), size];
}

function history(result: RunResult): string {
  const { seconds } = result;
  const start = Math.floor(Date.parse(result.header.startedAt) / 1000);
  const requestRates = trailing(seconds, WINDOW_SECONDS, (second) => second.requests);
  const failureRates = trailing(seconds, WINDOW_SECONDS, (second) => second.failures);
  let requests = 0;
  let failures = 0;
  const rows = seconds.map((second, i): Cell[] => {
    requests += second.requests;
    failures += second.failures;
    const rates = [requestRates[i]!, failureRates[i]!].map((rate) => decimals(rate, 6));
    const totals = [requests, failures, ...totalCells(second, requests)];
    return [start + second.t, second.users, "", "Aggregated", ...rates, ...windowCells(second), ...totals];
  });
  return csvText(HISTORY_HEADER, rows);
}

function failures(result: RunResult): string {
  const start = Date.parse(result.header.startedAt);
  const seen = (at: number) => new Date(start + at).toISOString();
  const rows = failedByName(result).flatMap(({ info, failures: found }) =>
    failureKinds(found).map((kind): Cell[] => [
      info.method,
      info.name,
      failureText(kind),
      kind.count,
      seen(kind.first),
      seen(kind.last),
    ]),
  );
  return csvText(FAILURES_HEADER, rows);
}

export const csv = defineReporter({
  format: "csv",
  render: ({ result, stamp }) => [
    { path: `load_report_${stamp}_stats.csv`, content: stats(result) },
    { path: `load_report_${stamp}_stats_history.csv`, content: history(result) },
    { path: `load_report_${stamp}_failures.csv`, content: failures(result) },
  ],
});
