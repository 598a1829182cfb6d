import { createCanvas, loadImage } from "canvas";
import { describe, expect, test } from "vitest";
import type { ReportFile } from "../core/plugin.ts";
import { fixtureReport, reportOf } from "./fixture.ts";
import { openPainter } from "./painter.ts";
import { chartFiles } from "./png.ts";

/** Dark points in a part of a picture. */
async function ink(content: ReportFile["content"], box: { x: number; y: number; width: number; height: number }) {
  const image = await loadImage(Buffer.from(content as Uint8Array));
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(box.x, box.y, box.width, box.height);
  let dark = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i]! + data[i + 1]! + data[i + 2]! < 300) dark++;
  return dark;
}

describe("PNG charts", () => {
  test("are drawn with their titles, by endpoint and over time", async () => {
    const files = await chartFiles(fixtureReport(), openPainter);
    expect(files.map(({ path }) => path)).toEqual(
      [
        "response_time_by_endpoint",
        "p95_response_time",
        "error_rate_by_endpoint",
        "request_distribution",
        "latency_over_time",
        "throughput_over_time",
        "errors_over_time",
        "cpu_over_time",
        "memory_over_time",
      ].map((name) => `analysis/${name}.png`),
    );
    for (const { content } of files) {
      expect(
        Buffer.from(content as Uint8Array)
          .subarray(1, 4)
          .toString(),
      ).toBe("PNG");
      expect(await ink(content, { x: 0, y: 0, width: 400, height: 45 })).toBeGreaterThan(300);
    }
  });

  test("are drawn of a run without a call, too", async () => {
    expect(await chartFiles(reportOf([]), openPainter)).toHaveLength(9);
  });

  test("are left out where the config wants no charts", async () => {
    const report = fixtureReport();
    const { header } = report.result;
    const plain = { ...header, reports: { ...header.reports, charts: false } };
    expect(await chartFiles({ ...report, result: { ...report.result, header: plain } }, openPainter)).toEqual([]);
  });

  test("leave a file that says why where nothing can be drawn", async () => {
    const [file, ...more] = await chartFiles(fixtureReport(), () => Promise.reject(new Error("no canvas")));
    expect(more).toEqual([]);
    expect(file).toMatchObject({ path: "analysis/charts_missing.txt" });
    expect(file!.content).toContain("could not be drawn on this machine: no canvas");
  });
});
