import { describe, expect, test } from "vitest";
import { bar } from "./bars.ts";
import { fixtureCalls, fixtureReport, reportOf } from "./fixture.ts";
import { summaryMarkdown } from "./markdown.ts";

describe("the job summary", () => {
  const text = summaryMarkdown(fixtureReport());

  test("says the verdict first, then criteria, the failed ones before the others", () => {
    expect(text.split("\n")[0]).toBe("## ❌ spike: FAIL \\(embedded: stt, llm\\)");
    const statuses = [...text.matchAll(/^\| (?:❌|❔|✅) (\w+) \|/gm)].map((match) => match[1]);
    expect(statuses).toEqual(["fail", "unknown", "pass"]);
  });

  test("has a row for each endpoint, with a bar, in a table that holds together", () => {
    const lines = text.split("\n");
    const start = lines.findIndex((line) => line.startsWith("| Endpoint"));
    const rows = lines.slice(start, lines.indexOf("", start));
    expect(rows).toHaveLength(2 + 11 + 1);
    const cells = rows.map((row) => row.split(/(?<!\\)\|/).length);
    expect(new Set(cells)).toEqual(new Set([10]));
    expect(rows.join("\n")).toContain("██████████");
  });

  test("holds no markup that a name or a message asked for", () => {
    expect(text).not.toMatch(/<(?!br>)/);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028]/);
  });

  test("stays under 1 MiB, whatever the names and however many criteria", () => {
    const verdicts = Array.from({ length: 5000 }, () => ({
      criterion: "&".repeat(5000),
      scope: "<".repeat(5000),
      status: "fail" as const,
      why: "漢".repeat(5000),
    }));
    const long = summaryMarkdown(fixtureReport({ verdicts }));
    expect(Buffer.byteLength(long)).toBeLessThan(1024 ** 2);
    expect(long).toContain("... and 4,900 more criteria");
  });

  test("says what nothing was judged means, and leaves out what there is not", () => {
    const empty = summaryMarkdown(reportOf([], { verdicts: [], verdict: "unknown", exitCode: 97 }));
    expect(empty).toContain("No criterion was judged.");
    expect(empty).not.toContain("### Failures");
  });

  test("tells what to do about a failure where its kind says it", () => {
    const calls = fixtureCalls().map((call) =>
      call.outcome === "timeout" ? { ...call, outcome: "limited" as const } : call,
    );
    expect(summaryMarkdown(reportOf(calls))).toContain("<br>this is the service's rate limit");
  });
});

test.each([
  [0, ""],
  [0.001, "▏"],
  [0.5, "█████"],
  [0.55, "█████▌"],
  [1, "██████████"],
  [7, "██████████"],
])("a bar of %d is %j", (share, drawn) => expect(bar(share)).toBe(drawn));
