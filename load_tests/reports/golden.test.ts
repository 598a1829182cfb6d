import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { finalTable, startLines, summaryOfRuns } from "./console.ts";
import { csv } from "./csv.ts";
import { documentOf } from "./document.ts";
import { fixtureReport } from "./fixture.ts";
import { htmlPage } from "./html.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { metrics } from "./metrics.ts";
import { summary } from "./summary.ts";

/** Compares with a kept file; `UPDATE_GOLDEN=1` rewrites it, for a person to read the difference. */
function golden(name: string, text: string): void {
  const file = new URL(`./__golden__/${name}`, import.meta.url);
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(new URL(".", file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, "utf8"));
}

const report = fixtureReport();
const [stats, history, failures] = csv.render(report).map((file) => String(file.content)) as [string, string, string];

test("the JSON report is as kept", () => {
  const { histograms, ...rest } = documentOf(report);
  const { run: _, ...tables } = histograms;
  const kept = { ...rest, histograms: { ...tables, series: [], blocks: [], lateness: "", event_loop_delay: "" } };
  golden("report.json", `${JSON.stringify(kept, null, 1)}\n`);
});

test("the CSV files are as kept", () => {
  golden("stats.csv", stats);
  golden("stats_history.csv", history);
  golden("failures.csv", failures);
  golden("metrics.csv", String(metrics.render(report)[0]!.content));
});

test("the summary is as kept", () => {
  golden("summary.txt", String(summary.render(report)[0]!.content));
});

test("the job summary and the test cases are as kept", () => {
  golden("summary.md", String(markdown.render(report)[0]!.content));
  golden("junit.xml", String(junit.render(report)[0]!.content));
});

test("the page is as kept, without its style, scripts and config", () => {
  const page = htmlPage(report)
    .replace(/content="default-src[^"]*"/, 'content=""')
    .replace(/<(style|script)([^>]*)>[\s\S]*?<\/\1>/g, "<$1$2></$1>")
    .replace(/<pre tabindex="0">[\s\S]*?<\/pre>/, "<pre></pre>");
  golden("report.html", page);
});

test("the console is as kept, wide and narrow", () => {
  const text = [100, 50].flatMap((width) => {
    const look = { width, color: false };
    return [
      ...startLines(report.result.header, look),
      "",
      ...finalTable(report, look),
      "",
      ...summaryOfRuns([report], look),
    ];
  });
  golden("console.txt", `${text.join("\n")}\n`);
});
