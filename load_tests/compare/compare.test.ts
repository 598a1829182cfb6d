import { describe, expect, test } from "vitest";
import { Histogram } from "../core/histogram.ts";
import { Ledger } from "../core/ledger.ts";
import type { RunHeader } from "../core/model.ts";
import { COUNTER, COUNTERS } from "../core/snapshot.ts";
import { beside, throughputOf } from "./baseline.ts";
import { compareRuns } from "./compare.ts";
import { comparePhases } from "./phases.ts";

const op = (name: string, metrics: { name: string; unit: string }[] = []) => ({
  service: "api",
  name,
  protocol: "rest",
  method: "GET",
  metrics,
});

interface Made {
  /** Latencies of every second by endpoint. */
  readonly calls: Readonly<Record<string, readonly number[]>>;
  readonly failures?: number;
  readonly users?: number;
  readonly sha?: string;
}

function run({ calls, failures = 0, users = 10, sha = "aaa" }: Made) {
  const header = {
    runId: `run-${sha}-${users}`,
    startedAt: "2026-03-09T07:05:03.000Z",
    scenario: {
      name: "s",
      phases: [
        { name: "warm_up", start: 0, duration: 1000, measured: false },
        { name: "level", start: 1000, duration: 2000, measured: true },
        { name: "spike", start: 3000, duration: 1000, measured: true, spawnRate: 5 },
      ],
      flows: [{ drive: "users", segments: [{ start: 0, duration: 4000, from: 10, to: users }] }],
      services: [{ name: "api", host: `http://127.0.0.1:${users}`, embedded: true }],
      notices: [],
      duration: 4000,
    },
    environment: {
      git_sha: sha,
      git_branch: "main",
      os: "linux",
      cpus: 2,
      memory_bytes: 1,
      node: "v20",
      tenfold: "1",
      ci: null,
    },
    ops: [op("GET /"), op("GET /b", [{ name: "ttft", unit: "ms" }])],
    reports: { percentiles: [66] },
    workers: 1,
  } as unknown as RunHeader;
  const ledger = new Ledger(header);
  for (let second = 0; second < 4; second++) {
    const series = Object.entries(calls).map(([name, latencies]) => {
      const op = header.ops.findIndex((info) => info.name === name);
      const counts = COUNTERS.map(() => 0);
      const latency = new Histogram();
      for (const each of latencies) latency.record(each);
      counts[COUNTER.ok] = latencies.length - failures;
      counts[COUNTER.timeout] = failures;
      return {
        op,
        phase: [0, 1, 1, 2][second]!,
        counts,
        latency,
        service: latency,
        metrics: op === 1 ? [latency] : [],
      };
    });
    ledger.add({
      from: second * 1000,
      to: (second + 1) * 1000,
      users,
      inFlight: 0,
      series,
      failures: [],
      slowest: [],
      lateness: new Histogram(),
      loopDelay: new Histogram(),
      cpu: 10,
    });
  }
  return ledger.result("completed", 4000, "2026-03-09T07:05:07.000Z");
}

const slow = run({ calls: { "GET /": [20, 40], "GET /b": [5] }, failures: 1, sha: "bbb" });
const fast = run({ calls: { "GET /": [10, 20], "GET /b": [5] } });

describe("before and after", () => {
  const { comparison, drawings } = compareRuns([fast], [slow]);
  const change = (endpoint: string, phase: string, metric: string) =>
    comparison.changes.find((each) => each.endpoint === endpoint && each.phase === phase && each.metric === metric)!;

  test("every measure has both values and what changed", () => {
    const p50 = change("GET /", "level", "p50");
    expect(p50.baseline).toBeCloseTo(10, 1);
    expect(p50.current).toBeCloseTo(20, 1);
    expect(p50.change).toBeCloseTo(1, 2);
    expect(p50.difference).toBeCloseTo(10, 1);
    expect(change("GET /", "spike", "throughput")).toMatchObject({ baseline: 2, current: 1, change: -0.5 });
    expect(change("GET /", "all measured phases", "error_rate")).toMatchObject({
      baseline: 0,
      current: 0.5,
      change: null,
    });
    expect(change("GET /b", "level", "ttft p95")).toMatchObject({ change: 0, unit: "ms" });
    expect(change("GET /", "level", "p66")).toBeDefined();
    expect(change("load generator", "all measured phases", "cpu mean")).toMatchObject({ baseline: 10, current: 10 });
  });

  test("phase by phase, unmeasured ones too, and all measured ones together", () => {
    expect([...new Set(comparison.changes.map(({ phase }) => phase))]).toEqual([
      "all measured phases",
      "warm_up",
      "level",
      "spike",
    ]);
  });

  test("nothing is called regressed by its size alone", () => {
    expect(comparison.verdict).toBe("inconclusive");
    expect(new Set(comparison.changes.map(({ verdict }) => verdict))).toEqual(new Set(["inconclusive"]));
  });

  test("says what else differed, and nothing of a stand-in's port", () => {
    expect(comparison.differences).toEqual(["commit: commit: aaa, then bbb"]);
    const other = run({ calls: { "GET /": [10] }, users: 20 });
    const { differences } = compareRuns([fast], [other]).comparison;
    expect(differences).toEqual(["config: flows.0.segments.0.to: 10, then 20"]);
  });

  test("draws both curves and both distributions", () => {
    expect(drawings.map(({ side, curve }) => [side, curve.length])).toEqual([
      ["baseline", 4],
      ["current", 4],
    ]);
    expect(drawings[1]!.distribution.at(-1)).toEqual([40, 1]);
  });

  test("of several runs on a side the median counts", () => {
    const runs = [1, 100, 3].map((ms) => run({ calls: { "GET /": [ms] } }));
    const [p50] = compareRuns(runs, [fast]).comparison.changes.filter(
      ({ endpoint, phase, metric }) => endpoint === "GET /" && phase === "level" && metric === "p50",
    );
    expect(p50!.baseline).toBe(3);
  });

  test("runs without a call, or without a common endpoint, cannot be compared", () => {
    const none = compareRuns([run({ calls: {} })], [fast]).comparison;
    expect(none).toMatchObject({ comparable: false, changes: [], why: "no call ended in the baseline" });
    const other = compareRuns([run({ calls: { "GET /": [1] } })], [run({ calls: { "GET /b": [1] } })]).comparison;
    expect(other).toMatchObject({ comparable: false, why: "no endpoint was called in both" });
  });
});

test("a run beside its baseline has users, throughput and latency of both, and their ratio", () => {
  const { rows } = beside(fast, run({ calls: { "GET /": new Array(30).fill(10) }, users: 100 }));
  expect(rows.find(({ metric }) => metric === "users")).toMatchObject({ baseline: 10, current: 100, ratio: 10 });
  expect(rows.find(({ metric }) => metric === "throughput")).toMatchObject({ baseline: 3, current: 30, ratio: 10 });
  expect(throughputOf(fast)).toBe(3);
});

describe("two phases of a run", () => {
  const compared = comparePhases(run({ calls: { "GET /": [10, 20], "GET /b": [30] } }), {
    before: "level",
    after: "spike",
    gate: false,
  })!;

  test("are compared by their own calls and lengths, under one name", () => {
    const { changes } = compared.comparison;
    const one = (endpoint: string, metric: string) =>
      changes.filter((change) => change.endpoint === endpoint && change.metric === metric);
    expect(new Set(changes.map(({ phase }) => phase))).toEqual(new Set(["level, then spike"]));
    expect(one("all endpoints", "throughput")).toMatchObject([{ baseline: 3, current: 3, change: 0 }]);
    expect(one("GET /b", "p50")).toMatchObject([{ verdict: "inconclusive" }]);
    expect(one("GET /", "requests")).toMatchObject([{ baseline: 2, current: 2 }]);
    expect(changes.some(({ endpoint }) => endpoint === "load generator")).toBe(false);
  });

  test("are named as such, with what their plans differ in", () => {
    const { baseline, current, differences, comparable } = compared.comparison;
    expect(comparable).toBe(true);
    expect([...baseline, ...current].map(({ phase }) => phase)).toEqual(["level", "spike"]);
    expect(differences).toEqual(["config: spawn_rate: all at once, then 5"]);
  });

  test("are drawn each from its own start", () => {
    expect(compared.drawings.map(({ side, curve }) => [side, curve.map(({ t }) => t)])).toEqual([
      ["baseline", [1, 2]],
      ["current", [1]],
    ]);
  });

  test("cannot be compared where one has no call, which is named", () => {
    const empty = comparePhases(run({ calls: {} }), { before: "level", after: "spike", gate: false })!;
    expect(empty.comparison).toMatchObject({ comparable: false, why: "no call ended in phase level" });
  });
});
