import { describe, expect, it } from "vitest";
import type { Change, ComparedRuns, RunReference } from "../core/comparison.ts";
import { comparisonFiles } from "./comparison.ts";

const change = (metric: string, baseline: number | null, current: number | null): Change => ({
  ...{ endpoint: "GET /", service: "api", phase: "level, then spike", metric, unit: "ms", baseline, current },
  ...{ difference: null, change: null, interval: null, needs_runs: null, verdict: "inconclusive" },
});

const compared = (changes: readonly Change[], phases?: readonly [string, string]): ComparedRuns => {
  const of = (i: 0 | 1): RunReference => ({
    ...{ run_id: `run${i}`, scenario: "s", started_at: "2026-01-02T03:04:05.678Z", git_sha: null },
    ...(phases === undefined ? {} : { phase: phases[i] }),
  });
  const drawing = (i: 0 | 1) => ({
    run: of(i),
    side: (["baseline", "current"] as const)[i]!,
    curve: [],
    distribution: [],
  });
  return {
    comparison: {
      ...{ baseline: [of(0)], current: [of(1)], comparable: true, why: null, differences: [] },
      ...{ verdict: "inconclusive", changes },
    },
    drawings: [drawing(0), drawing(1)],
  };
};

/** By ending. */
const filesOf = (runs: ComparedRuns): Record<string, string> =>
  Object.fromEntries(comparisonFiles(runs).map(({ path, content }) => [path.split(".")[1]!, String(content)]));

describe("A comparison", () => {
  it("of two phases calls them before and after, and by their names in its charts", () => {
    const { html, txt, md } = filesOf(compared([change("p50", 10, 20)], ["level", "spike"]));
    expect(txt).toMatch(/^Before +s, phase level/m);
    expect(txt).toMatch(/Endpoint +Metric +Before +After +Change/);
    expect(md).toContain("| Endpoint | Metric | Before | After | Change | Verdict |");
    expect(html).toContain(">Before</button>");
    expect(html).toContain('"label":"phase level"');
  });

  it("of two runs calls them baseline and current", () => {
    const { html, txt, md } = filesOf(compared([change("p50", 10, 20)]));
    expect(txt).toMatch(/Endpoint +Metric +Baseline +Current +Change/);
    expect(md).toContain("| Baseline | Current |");
    expect(html).toContain('"label":"baseline run0"');
  });

  it("shows no row of what neither side has, and keeps it in the file for programs", () => {
    const { html, txt, json } = filesOf(compared([change("p50", 10, null), change("redirects p50", null, null)]));
    expect([html, txt].map((text) => text!.includes("redirects"))).toEqual([false, false]);
    expect([html, txt].map((text) => text!.includes("p50"))).toEqual([true, true]);
    expect(json).toContain("redirects p50");
  });
});
