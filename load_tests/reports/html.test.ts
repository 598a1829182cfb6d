import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../core/plugin.ts";
import { openBrowser } from "./browser.ts";
import { chartData } from "./charts.ts";
import { factsOf } from "./document.ts";
import { fixtureReport, HOSTILE_NAMES, reportOf } from "./fixture.ts";
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
    expect(page).not.toMatch(/(src|href)=/);
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

  test.each(["latency", "load", "failures"])("draws the chart %s", async (id) => {
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
