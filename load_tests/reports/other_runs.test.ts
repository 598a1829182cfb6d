import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import type { Change, ComparedRuns } from "../core/comparison.ts";
import type { Report } from "../core/plugin.ts";
import { openBrowser } from "./browser.ts";
import { comparisonPage } from "./comparison_page.ts";
import { fixtureReport } from "./fixture.ts";
import { HOSTILE_NAMES } from "./fixture_scenario.ts";
import { htmlPage } from "./html.ts";
import { summaryMarkdown } from "./markdown.ts";
import { beforeAfter } from "./other_runs.ts";

const METRICS: readonly (readonly [string, string])[] = [
  ["throughput", "/s"],
  ["error_rate", "ratio"],
  ["p50", "ms"],
  ["p95", "ms"],
  ["p99", "ms"],
  ["max", "ms"],
];

const changesOf = (endpoint: string, phase: string): Change[] =>
  METRICS.map(([metric, unit], i) => ({
    ...{ endpoint, service: "api", phase, metric, unit, verdict: "inconclusive" as const },
    ...{ baseline: unit === "ratio" ? 0 : 100 * (i + 1), current: unit === "ratio" ? 0.01 : 150 * (i + 1) },
    ...{ difference: 0.01, change: unit === "ratio" ? null : 0.5, interval: null, needs_runs: null },
  }));

const runOf = (run_id: string) => ({
  ...{ run_id, scenario: HOSTILE_NAMES[0], started_at: "2026-01-02T03:04:05.678Z", git_sha: "0123abc" },
});

function compared(names: readonly string[]): ComparedRuns {
  const changes = ["all measured phases", "steady"].flatMap((phase) => names.flatMap((name) => changesOf(name, phase)));
  const curve = [1, 2, 3].map((t) => ({ t, rps: 100 * t, failures: t, p50: 10, p95: 20 * t }));
  const distribution = [[1, 0.1] as const, [10, 0.5] as const, [100, 1] as const];
  return {
    comparison: {
      ...{ baseline: [runOf("before")], current: [runOf("after")], comparable: true, why: null },
      ...{ differences: HOSTILE_NAMES.map((name) => `config: ${name}`), verdict: "inconclusive", changes },
    },
    drawings: [
      { run: runOf("before"), side: "baseline", curve, distribution },
      { run: runOf("after"), side: "current", curve, distribution },
    ],
  };
}

const beside = {
  baseline: runOf("before"),
  rows: [
    { metric: "users", unit: "", baseline: 10, current: 100, ratio: 10 },
    { metric: "throughput", unit: "/s", baseline: 12.5, current: 120, ratio: 9.6 },
    { metric: "error_rate", unit: "ratio", baseline: 0, current: 0.0123, ratio: null },
  ],
};
const report: Report = fixtureReport({ comparison: compared(HOSTILE_NAMES), beside });

describe("the page of a run that was compared", () => {
  const page = htmlPage(report);

  test("shows each endpoint's change, and the values before and after", () => {
    expect(page).toContain('<td class="number">+50 %<span class="note">300 ms → 450 ms</span></td>');
    expect(page).toContain('<td class="number">+1 points<span class="note">0 % → 1 %</span></td>');
    expect(page).toContain("INCONCLUSIVE: ");
  });

  test("shows the run beside its baseline", () => {
    const cells = ["12.5/s", "120/s", "9.6x"].map((text) => `<td class="number">${text}</td>`).join("");
    expect(page).toContain(`<th scope="row">throughput</th>${cells}`);
  });

  test("runs nothing that a name asks for", () => {
    expect(page).not.toContain("<script>window");
    expect(page).not.toMatch(/\u001b|\u2028/);
  });

  test("shows the first phase only, and says how much more there is", () => {
    const names = Array.from({ length: 70 }, (_, i) => `GET /${i}`);
    const told = beforeAfter({ ...report, comparison: compared(names) })!;
    expect([told.phase, told.rows.length, told.moreRows]).toEqual(["all measured phases", 50, "20"]);
    expect(told.columns).toEqual(["Throughput", "Error rate", "p50", "p95", "p99"]);
  });

  test("says why runs could not be compared", () => {
    const { comparison } = compared([]);
    const none = { ...comparison, comparable: false, why: "they have no endpoint in common" };
    const told = htmlPage({ ...report, comparison: { comparison: none, drawings: [] } });
    expect(told).toContain("CANNOT BE COMPARED: they have no endpoint in common");
  });

  test("has neither part where there is no other run", () => {
    expect(htmlPage(fixtureReport())).not.toMatch(/before-after|side-by-side/);
  });
});

describe("the job summary of a run that was compared", () => {
  const text = summaryMarkdown(report);

  test("shows each endpoint's change with the values before and after", () => {
    const [, part] = text.split("### Before and after");
    expect(part).toMatch(/\+50 % \\\(300 ms → 450 ms\\\)/);
    expect(part!.split("\n").filter((line) => /^\| .*450 ms/.test(line))).toHaveLength(HOSTILE_NAMES.length);
    expect(text).not.toMatch(/<script|\u001b/);
  });

  test("shows the run beside its baseline, with bars", () => {
    expect(text).toMatch(/^\| throughput \| 12\S*\/s \| 120\/s \| 9\S*x \| █████████▋ \|$/m);
  });

  test("has neither part where there is no other run", () => {
    expect(summaryMarkdown(fixtureReport())).not.toMatch(/### (Before|Beside)/);
  });
});

const browser: Browser | null = await openBrowser();
if (browser === null)
  console.warn("No browser here: the comparison's browser tests are skipped. Install chromium to run them.");

describe.skipIf(browser === null)("in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-comparison-"));
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function opened(name: string, content: string): Promise<{ page: Page; seen: string[] }> {
    const file = join(folder, name);
    writeFileSync(file, content);
    const page = await browser!.newPage();
    const seen: string[] = [];
    page.on("console", (message) => seen.push(message.text()));
    page.on("pageerror", (error) => seen.push(error.message));
    await page.goto(pathToFileURL(file).href);
    return { page, seen };
  }

  describe.each([
    ["comparison.html", () => comparisonPage(compared(HOSTILE_NAMES))],
    ["report.html", () => htmlPage(report)],
  ])("%s", (name, content) => {
    test("opens without an error, and runs nothing that a name asks for", async () => {
      const { page, seen } = await opened(name, content());
      expect(seen).toEqual([]);
      expect(await page.evaluate("window.hacked")).toBeUndefined();
    });

    test.each(["light", "dark"] as const)("has nothing that axe finds wrong, in %s", async (colorScheme) => {
      const { page } = await opened(name, content());
      await page.emulateMedia({ colorScheme });
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        const { violations } = await new AxeBuilder({ page: page as never }).setLegacyMode().analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      }
    });
  });
});
