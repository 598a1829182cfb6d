import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../core/plugin.ts";
import { openBrowser } from "./browser.ts";
import { chartData } from "./charts.ts";
import { factsOf } from "./document.ts";
import { fixtureReport, reportOf } from "./fixture.ts";
import { HOSTILE_NAMES, SCENARIO } from "./fixture_scenario.ts";
import { htmlPage } from "./html.ts";

const withoutCharts = (report: Report): Report => {
  const { header } = report.result;
  const reports = { ...header.reports, charts: false };
  return { ...report, result: { ...report.result, header: { ...header, reports } } };
};

describe("the page as text", () => {
  test("says the verdict in words", () => {
    for (const verdict of ["pass", "fail", "unknown"] as const)
      expect(htmlPage(fixtureReport({ verdict }))).toContain(`${verdict.toUpperCase()} (embedded: stt, llm)`);
  });

  test("has no address in it but Chart.js's own notice and the services'", () => {
    const page = htmlPage(withoutCharts(fixtureReport()));
    expect(page).not.toMatch(/src=|href="(?!#)/);
    expect(page).not.toContain("@import");
  });

  test("holds no element that a name, a message or a description asked for", () => {
    const page = htmlPage(withoutCharts(fixtureReport()));
    expect(page).not.toContain("<script>window");
    expect(page).not.toContain("<img");
    expect(page.match(/<\/title>/g)).toHaveLength(1);
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028]/);
  });

  test("says that nothing was judged and that the generator could not keep up", () => {
    const page = htmlPage(reportOf([], { verdicts: [], verdict: "unknown", exitCode: 97, generatorHealthy: false }));
    expect(page).toContain("No criterion was judged.");
    expect(page).toContain("not healthy");
  });
});

test("charts of a long run keep every second's worst in at most 900 points", () => {
  const facts = factsOf(fixtureReport());
  const row = facts.timeline[10]!;
  const timeline = Array.from({ length: 28_800 }, (_, i) => ({ ...row, t_s: i + 1, p99: i === 12_345 ? 9999 : 5 }));
  const data = chartData({ ...facts, timeline });
  expect(data.t.length).toBeLessThanOrEqual(900);
  expect(data.t.at(-1)).toBe(28_800);
  expect(Math.max(...data.p99.map((value) => value ?? 0))).toBe(9999);
  expect(data.requests[3]).toBeCloseTo(row.requests, 1);
});

/** A run of `endpoints` endpoints and `seconds` seconds whose numbers have all their digits. */
function longRun(endpoints: number, seconds: number): Report {
  const base = fixtureReport();
  const { result } = base;
  const info = (i: number) => ({ ...result.header.ops[2]!, name: `GET /some/longer/path/of/endpoint/${i}` });
  const ops = Array.from({ length: endpoints }, (_, i) => info(i));
  const services = [
    {
      ...SCENARIO.services[2]!,
      endpoints: ops.map(({ name, method }) => ({ name, method, weight: 1, checks: [], settings: {} })),
    },
  ];
  const scenario = { ...SCENARIO, services };
  const series = ops.flatMap((op, i) =>
    SCENARIO.phases.map((_, phase) => ({ ...result.series[i % result.series.length]!, op: i, phase, info: op })),
  );
  const second = result.seconds[30]!;
  const made = Array.from({ length: seconds }, (_, i) => ({
    ...second,
    t: i + 1,
    requests: 10_000 + (i % 977),
    failures: 7,
    failed: [1, 1, 1, 1, 1, 1, 1],
    p50: 123.456 + i,
    p95: 234.567 + i,
    p99: 345.678 + i,
  }));
  const failures = Array.from({ length: 500 }, (_, i) => ({
    ...result.failures[0]!,
    op: i % endpoints,
    message: `${i} ${"m".repeat(200)}`,
  }));
  return {
    ...base,
    result: { ...result, header: { ...result.header, ops, scenario }, series, seconds: made, failures },
  };
}

test.each([
  ["half an hour with 40 endpoints", 40, 1800, 1_000_000],
  ["eight hours with 100 endpoints", 100, 28_800, 2_000_000],
])("the page of %s stays small", (_, endpoints, seconds, most) => {
  const page = htmlPage(longRun(endpoints, seconds));
  expect(Buffer.byteLength(page)).toBeLessThan(most);
  expect(page).toContain(`GET /some/longer/path/of/endpoint/${endpoints - 1}`);
});

test("a shape that was cut into many segments is shown by its beginning", () => {
  const { result, ...rest } = fixtureReport();
  const { scenario } = result.header;
  const segments = Array.from({ length: 50_000 }, (_, i) => ({ start: i, duration: 1, from: i, to: i }));
  const flows = [{ ...scenario.flows[0]!, segments }];
  const page = htmlPage({
    ...rest,
    result: { ...result, header: { ...result.header, scenario: { ...scenario, flows } } },
  });
  expect(page).toContain("and 49,900 more");
  expect(page.length).toBeLessThan(1_000_000);
});

test("what thins out is merged: resources keep their highest value, outcomes their sum", () => {
  const data = chartData(factsOf(longRun(2, 2000)));
  expect(data.every).toBe(3);
  expect(data.outcomes.timeout).toHaveLength(data.t.length);
  expect(new Set(data.outcomes.timeout)).toEqual(new Set([1]));
  expect(data.resources[0]!.series[0]!.points.length).toBeLessThanOrEqual(900);
});

const browser: Browser | null = await openBrowser();
if (browser === null)
  console.warn("No browser here: the HTML report's browser tests are skipped. Install chromium to run them.");

describe.skipIf(browser === null)("the page in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-html-"));
  const file = join(folder, "report.html");
  const seen: string[] = [];
  let page: Page;

  beforeAll(async () => {
    writeFileSync(file, htmlPage(fixtureReport()));
    page = await browser!.newPage({ viewport: { width: 1440, height: 900 } });
    page.on("console", (message) => seen.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => seen.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => seen.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => seen.push(`request: ${request.url()}`));
    await page.goto(pathToFileURL(file).href);
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("opens without an error, a dialog, or a request but that for itself", () => {
    expect(seen).toEqual([`request: ${pathToFileURL(file).href}`]);
  });

  test("shows hostile names as text and runs none of them", async () => {
    const names = await page.locator("#endpoints tbody .name").allTextContents();
    expect(names).toContain(HOSTILE_NAMES[0]);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.evaluate("document.images.length")).toBe(0);
  });

  test.each(["latency", "load", "failures", "resources-0", "distribution-chart"])("draws the chart %s", async (id) => {
    const colors = await page.evaluate(`(() => {
      const canvas = document.getElementById("${id}");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    })()`);
    expect(colors).toBeGreaterThan(20);
  });

  test("sorts endpoints by number and back by a click, and keeps the total last", async () => {
    const counts = () =>
      page
        .locator("#endpoints tbody tr td:nth-of-type(1)")
        .evaluateAll((cells) => cells.map((cell) => Number(cell.textContent)));
    const button = page.locator("#endpoints thead button").nth(1);
    await button.click();
    expect(await counts()).toEqual((await counts()).toSorted((a, b) => b - a));
    await button.click();
    expect(await counts()).toEqual((await counts()).toSorted((a, b) => a - b));
    expect(await page.locator("#endpoints tfoot th").textContent()).toBe("All");
    expect(await page.locator("#endpoints thead th").nth(1).getAttribute("aria-sort")).toBe("ascending");
  });

  test("sorts by the keyboard alone", async () => {
    const button = page.locator("#failures-table thead button").nth(1);
    await button.focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Space");
    const sorts = await page
      .locator("#failures-table tbody td:nth-of-type(1)")
      .evaluateAll((cells) => cells.map((cell) => Number(cell.textContent)));
    expect(sorts).toEqual(sorts.toSorted((a, b) => a - b));
    expect(sorts.length).toBeGreaterThan(3);
  });

  test("begins with a link that skips to the report", async () => {
    await page.reload();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.className")).toBe("skip");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
  });

  const range = () => page.evaluate("(({ min, max }) => [min, max])(Chart.getChart('latency').scales.x)");

  test("zooms all charts by dragging over one, and back by the button", async () => {
    const whole = await range();
    await page.locator("#load").scrollIntoViewIfNeeded();
    const box = (await page.locator("#load").boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.4, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 120, { steps: 4 });
    expect(await page.locator('[data-chart="load"] .selection').isVisible()).toBe(true);
    await page.mouse.up();
    const [from, to] = (await range()) as [number, number];
    expect(from).toBeGreaterThan(10);
    expect(to).toBeLessThan(50);
    await page.locator("#reset-zoom").click();
    expect(await range()).toEqual(whole);
    expect(await page.locator("#reset-zoom").isDisabled()).toBe(true);
  });

  test("zooms and moves by the keyboard, and back by Escape", async () => {
    const whole = await range();
    await page.locator('[data-chart="failures"]').focus();
    await page.keyboard.press("+");
    const [from, to] = (await range()) as [number, number];
    expect(to - from).toBeCloseTo(61 / 2, 5);
    await page.keyboard.press("ArrowRight");
    expect(((await range()) as number[])[0]).toBeGreaterThan(from);
    await page.keyboard.press("Escape");
    expect(await range()).toEqual(whole);
  });

  test("switches a line off and on by its name", async () => {
    const button = page.locator('figure:has(#latency) .legend button:has-text("p95")');
    const visible = () => page.evaluate("Chart.getChart('latency').isDatasetVisible(1)");
    await button.focus();
    await page.keyboard.press("Space");
    expect([await visible(), await button.getAttribute("aria-pressed")]).toEqual([false, "false"]);
    await button.click();
    expect([await visible(), await button.getAttribute("aria-pressed")]).toEqual([true, "true"]);
  });

  test("tells the time and the values under the pointer", async () => {
    await page.locator("#latency").scrollIntoViewIfNeeded();
    const box = (await page.locator("#latency").boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 120);
    const told = "Chart.getChart('latency').tooltip";
    await expect.poll(() => page.evaluate(`${told}.title[0]`)).toMatch(/^0:\d\d · spike$/);
    expect(await page.evaluate(`${told}.body.map(({ lines }) => lines[0])`)).toMatchObject([
      expect.stringMatching(/^p50 [\d.]+ ms$/),
      expect.stringMatching(/^p95 /),
      expect.stringMatching(/^p99 /),
    ]);
  });

  test("shows the distribution of all calls and of each endpoint", async () => {
    const text = page.locator("#distribution-text");
    expect(await text.textContent()).toMatch(/^all endpoints: 80\d calls, p50 /);
    await page.locator("#distribution-of").selectOption({ label: HOSTILE_NAMES[0] });
    expect(await text.textContent()).toContain(HOSTILE_NAMES[0]);
    const drawn = "Chart.getChart('distribution-chart').data.datasets[0].data.reduce((sum, { y }) => sum + y, 0)";
    expect(Number(await page.evaluate(drawn))).toBeGreaterThan(50);
  });

  test("folds the first answers of a failure away, as text", async () => {
    const details = page.locator("#failures-table details").first();
    expect(await details.locator("pre").first().isVisible()).toBe(false);
    await details.locator("summary").click();
    expect(await details.locator("pre").first().textContent()).toContain('<b onclick="hack()">answer</b> \\x1b[2J');
  });

  test("lists the slowest calls, the slowest first", async () => {
    const rows = page.locator('section[aria-labelledby="slowest"] tbody td:nth-of-type(1)');
    const times = await rows.evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute("data-sort"))));
    expect(times).toHaveLength(20);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  test.each(["light", "dark"] as const)("has nothing that axe finds wrong, in %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    for (const width of [1440, 360]) {
      await page.setViewportSize({ width, height: 900 });
      const { violations } = await new AxeBuilder({ page: page as never }).setLegacyMode().analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: "light" });
  });

  test.each([360, 768, 1440])("needs no sideways scrolling at %i pixels", async (width) => {
    await page.setViewportSize({ width, height: 900 });
    await expect.poll(() => page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
  });

  test("follows the reader's wish for a dark page", async () => {
    const paper = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await paper();
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await paper()).not.toBe(light);
  });
});
