import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Phase } from "../core/model.ts";
import { widthOf } from "./columns.ts";
import { finalTable, type Live, progressFrame, progressLine, startLines, summaryOfRuns } from "./console.ts";
import { fixtureReport, reportOf } from "./fixture.ts";
import { SCENARIO } from "./fixture_scenario.ts";

const report = fixtureReport();
const plain = (width: number) => ({ width, color: false });
const uncolored = (text: string) => text.replace(/\u001b\[\d+m/g, "");

const phase = fc.record<Phase>({
  name: fc.string({ unit: "grapheme" }),
  start: fc.nat(60_000),
  duration: fc.nat(60_000),
  measured: fc.boolean(),
});

const live: fc.Arbitrary<Live> = fc.record(
  {
    phase: fc.string({ unit: "binary" }),
    elapsed: fc.nat(200_000),
    duration: fc.nat(100_000),
    users: fc.nat(100_000),
    rps: fc.double({ min: 0, max: 1e6, noNaN: true }),
    p50: fc.double({ min: 0, max: 1e6, noNaN: true }),
    p95: fc.double({ min: 0, max: 1e6, noNaN: true }),
    failures: fc.nat(),
    requests: fc.nat(),
    phases: fc.array(phase, { maxLength: 12 }),
  },
  { requiredKeys: ["phase", "elapsed", "duration", "users", "rps", "failures", "requests", "phases"] },
);

const IN_SPIKE: Live = {
  phase: "spike",
  elapsed: 30_000,
  duration: 60_000,
  users: 50,
  rps: 1234.5,
  p50: 12,
  p95: 123.4,
  failures: 12,
  requests: 10_000,
  phases: SCENARIO.phases,
};

describe("progress", () => {
  test("no line is ever wider than the terminal or holds a control character", () => {
    fc.assert(
      fc.property(live, fc.integer({ min: 10, max: 200 }), fc.boolean(), (state, width, color) => {
        const lines = [progressLine(state, { width, color }), ...progressFrame(state, { width, color }).split("\n")];
        for (const line of lines.map(uncolored)) {
          expect(widthOf(line)).toBeLessThanOrEqual(width);
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        }
      }),
    );
  });

  test("the line for logs says where the run is and how it goes", () => {
    expect(progressLine(IN_SPIKE, plain(120))).toBe(
      "00:30 / 01:00  spike  users 50  1,235/s  p50 12.0 ms  p95 123 ms  failures 12 (0.12 %)",
    );
  });

  test.each([86, 80, 75])("shows the failures at %i columns", (width) => {
    expect(progressFrame(IN_SPIKE, plain(width))).toContain("failures 12 (0.12 %)");
  });

  test("the bar is filled as far as the run has come, phase by phase", () => {
    const [bar, names] = progressFrame(IN_SPIKE, plain(63)).split("\n");
    expect(bar).toBe(["█████", "███████████████", "██████████░░░░░░░░░░", "░░░░░░░░░░░░░░░░░░░░"].join("│"));
    expect(names!.indexOf("spike")).toBe(bar!.split("│").slice(0, 2).join("│").length + 1);
  });

  test("a frame has the same number of lines all through a run", () => {
    const heights = [0, 1, 30_000, 60_000, 75_000].map(
      (elapsed) => progressFrame({ ...IN_SPIKE, elapsed }, plain(80)).split("\n").length,
    );
    expect(new Set(heights)).toEqual(new Set([3]));
  });

  test("without colours there is no escape sequence", () => {
    expect(progressFrame(IN_SPIKE, plain(80))).not.toContain("\u001b");
    expect(progressFrame(IN_SPIKE, { width: 80, color: true })).toContain("\u001b");
  });
});

describe("the end of a run", () => {
  test.each([40, 60, 80, 100, 160])("fits %i columns, hostile names and all", (width) => {
    const lines = [
      ...startLines(report.result.header, plain(width)),
      ...finalTable(report, plain(width)),
      ...summaryOfRuns([report, report], plain(width)),
    ];
    for (const line of lines) {
      expect(widthOf(line)).toBeLessThanOrEqual(width);
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }
  });

  test("colours change nothing but the colour", () => {
    const colored = finalTable(report, { width: 100, color: true });
    expect(colored.map((line) => line.replace(/\u001b\[\d+m/g, ""))).toEqual(finalTable(report, plain(100)));
  });

  test("the verdict comes first and names what was embedded", () => {
    expect(finalTable(report, plain(100))[0]).toBe("spike: FAIL (embedded: stt, llm)");
  });

  test("each criterion is told with its reason", () => {
    const text = finalTable(report, plain(100)).join("\n");
    for (const { criterion, why } of report.verdicts) {
      expect(text).toContain(criterion);
      expect(text).toContain(why);
    }
  });

  test("a run without calls and without criteria is told, too", () => {
    const none = reportOf([], { verdicts: [], verdict: "unknown", exitCode: 97 });
    const text = finalTable(none, plain(100)).join("\n");
    expect(text).toContain("UNKNOWN");
    expect(text).toContain("No criterion was judged.");
  });

  test("several scenarios have one row each with verdict and exit code", () => {
    const passed = fixtureReport({ verdict: "pass", exitCode: 0 });
    const [, first, second] = summaryOfRuns([passed, report], plain(100));
    expect(first).toMatch(/^spike +PASS \(embedded: stt, llm\).* 0$/);
    expect(second).toMatch(/^spike +FAIL \(embedded: stt, llm\).* 99$/);
  });
});
