import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csv, csvText, FAILURES_HEADER, HISTORY_HEADER, STATS_HEADER } from "./csv.ts";
import { factsOf } from "./document.ts";
import { fixtureReport, reportOf } from "./fixture.ts";
import { METRICS_HEADER, metrics } from "./metrics.ts";

/** RFC 4180 to the letter: throws on a bare quote, a bare CR or LF, or a missing CRLF at the end. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let at = 0;
  const quoted = (): string => {
    let cell = "";
    for (at++; ; at++) {
      if (at >= text.length) throw new Error("a quote is open at the end");
      if (text[at] !== '"') cell += text[at];
      else if (text[at + 1] === '"') cell += text[++at];
      else break;
    }
    at++;
    return cell;
  };
  const bare = (): string => {
    const [cell] = /^[^",\r\n]*/.exec(text.slice(at))!;
    at += cell.length;
    return cell;
  };
  while (at < text.length) {
    const row: string[] = [];
    for (;;) {
      row.push(text[at] === '"' ? quoted() : bare());
      if (text[at] !== ",") break;
      at++;
    }
    if (text.slice(at, at + 2) !== "\r\n")
      throw new Error(`expected CRLF at ${at}: ${JSON.stringify(text.slice(at, at + 9))}`);
    at += 2;
    rows.push(row);
  }
  return rows;
}

const objects = (text: string): Record<string, string>[] => {
  const [header, ...rows] = parseCsv(text);
  return rows.map((row) => {
    expect(row).toHaveLength(header!.length);
    return Object.fromEntries(row.map((cell, i) => [header![i]!, cell]));
  });
};

const report = fixtureReport();
const facts = factsOf(report);
const [stats, history, failures] = csv.render(report).map((file) => String(file.content)) as [string, string, string];

describe("Locust's files", () => {
  test("have Locust's names and headers", () => {
    expect(csv.render(report).map((file) => file.path)).toEqual([
      "load_report_20260102_030405_stats.csv",
      "load_report_20260102_030405_stats_history.csv",
      "load_report_20260102_030405_failures.csv",
    ]);
    expect(stats.startsWith(`${STATS_HEADER}\r\n`)).toBe(true);
    expect(history.startsWith(`${HISTORY_HEADER}\r\n`)).toBe(true);
    expect(failures.startsWith(`${FAILURES_HEADER}\r\n`)).toBe(true);
  });

  test("stats: a row an endpoint and a last one, Aggregated, that is their sum", () => {
    const rows = objects(stats);
    const last = rows.at(-1)!;
    expect(rows).toHaveLength(facts.endpoints.length + 1);
    expect(last).toMatchObject({ Type: "", Name: "Aggregated" });
    for (const key of ["Request Count", "Failure Count"])
      expect(rows.slice(0, -1).reduce((sum, row) => sum + Number(row[key]), 0)).toBe(Number(last[key]));
    expect(Number(last["95%"])).toBe(facts.total.latency_ms.p95);
    expect(Number(last["100%"])).toBe(facts.total.latency_ms.max);
  });

  test("stats: an endpoint without calls has N/A for its percentiles", () => {
    const none = objects(stats).find((row) => row.Name === "never called")!;
    expect(none).toMatchObject({ "Request Count": "0", "50%": "N/A", "100%": "N/A", "Requests/s": "0" });
  });

  test("history: a row a second in unix time, totals since the start, N/A before there is data", () => {
    const rows = objects(history);
    expect(rows).toHaveLength(report.result.seconds.length);
    expect(rows[0]).toMatchObject({ "50%": "N/A", "Total Request Count": "0", Name: "Aggregated", Type: "" });
    expect(rows.map((row) => Number(row.Timestamp) - Number(rows[0]!.Timestamp))).toEqual(rows.map((_, i) => i));
    expect(Number(rows[0]!.Timestamp)).toBe(Math.floor(Date.parse("2026-01-02T03:04:06Z") / 1000));
    const last = rows.at(-1)!;
    expect(Number(last["Total Request Count"])).toBe(facts.total.requests);
    expect(Number(last["Total Average Response Time"])).toBe(facts.total.latency_ms.mean);
    expect(Number(last["Total Median Response Time"])).toBe(facts.total.latency_ms.p50);
    expect(Number(last["Total Max Response Time"])).toBe(facts.total.latency_ms.max);
  });

  test("failures: one row a kind and endpoint, with the times of the first and the last", () => {
    const rows = objects(failures);
    expect(rows.reduce((sum, row) => sum + Number(row.Occurrences), 0)).toBe(facts.total.failures);
    for (const row of rows) {
      expect(row["First Seen"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      expect(row["First Seen"]! <= row["Last Seen"]!).toBe(true);
    }
  });

  test("a run without a single call still gives whole files", () => {
    const [empty] = csv.render(reportOf([])).map((file) => objects(String(file.content)));
    expect(empty!.at(-1)).toMatchObject({ Name: "Aggregated", "Request Count": "0", "95%": "N/A" });
  });
});

test("analysis/metrics.csv has its header and an empty cell where there is no time", () => {
  const [file] = metrics.render(report);
  const rows = objects(String(file!.content));
  expect(file!.path).toBe("analysis/metrics.csv");
  expect(String(file!.content).split("\r\n")[0]).toBe(METRICS_HEADER);
  expect(rows.map((row) => Number(row.num_requests))).toEqual(facts.endpoints.map((endpoint) => endpoint.requests));
  expect(rows.at(-1)).toMatchObject({ name: "never called", avg_response_time: "" });
});

test("any text stays one cell that no spreadsheet runs as a formula and no terminal obeys", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.integer()), { minLength: 1 }), (rows) => {
      const text = csvText("a,b", rows);
      const parsed = parseCsv(text).slice(1);
      expect(parsed).toHaveLength(rows.length);
      for (const [index, [cell, number]] of parsed.entries()) {
        expect(number).toBe(String(rows[index]![1]));
        expect(cell).not.toMatch(/^[=+\-@]|[\u0000-\u001f\u007f-\u009f]/);
      }
    }),
  );
});
