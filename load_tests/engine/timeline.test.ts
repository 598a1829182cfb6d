import { appendFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { DamagedResult } from "../core/damaged.ts";
import { ENDLESS } from "../core/endless.ts";
import { Histogram } from "../core/histogram.ts";
import { Ledger } from "../core/ledger.ts";
import type { RunHeader } from "../core/model.ts";
import { COUNTER, COUNTERS, encodeSnapshot, type Snapshot } from "../core/snapshot.ts";
import { openTimeline, readTimeline } from "./timeline.ts";

const header = {
  format: 1,
  runId: "r1",
  startedAt: "2026-03-09T07:05:03.000Z",
  scenario: {
    name: "smoke",
    description: "",
    phases: [{ name: "load", start: 0, duration: 3000, measured: true }],
    duration: 3000,
    notices: [],
    flows: [],
    services: [],
    criteria: [],
    seed: 1,
  },
  environment: {
    tenfold: "0",
    node: "v20",
    os: "",
    cpus: 1,
    memory_bytes: 1,
    git_sha: null,
    git_branch: null,
    ci: null,
  },
  ops: [{ service: "api", name: "GET /", protocol: "rest", method: "GET", metrics: [] }],
  reports: {
    outputDir: "reports",
    formats: [],
    charts: false,
    comparisonBaseline: "baseline",
    keep: null,
    percentiles: [50],
    throughputWindow: 10_000,
  },
  workers: 1,
} as unknown as RunHeader;

function second(from: number, ok: number): Snapshot {
  const latency = new Histogram();
  for (let i = 0; i < ok; i++) latency.record(10 + i);
  const counts = COUNTERS.map(() => 0);
  counts[COUNTER.ok] = ok;
  const series = [{ op: 0, phase: 0, counts, latency, service: latency, metrics: [] }];
  const gauges = { users: 3, inFlight: 1, cpu: 12.5 };
  return {
    from,
    to: from + 1000,
    ...gauges,
    series,
    failures: [],
    slowest: [],
    lateness: new Histogram(),
    loopDelay: new Histogram(),
  };
}

const fresh = () => join(mkdtempSync(join(tmpdir(), "tenfold-")), "timeline.jsonl");
const end = { ended: "completed", duration: 3000, endedAt: "2026-03-09T07:05:06.000Z" } as const;

describe("the timeline", () => {
  test("of a run without an end is read in as little memory as the run took", async () => {
    const path = fresh();
    const phases = [{ name: "load", start: 0, duration: ENDLESS, measured: true }];
    const endless = { ...header, scenario: { ...header.scenario, phases, duration: ENDLESS } } as RunHeader;
    const [timeline, ledger] = [openTimeline(path, endless), new Ledger(endless)];
    for (let n = 0; n < 5600; n++) {
      timeline.second(second(n * 1000, n % 5));
      ledger.add(second(n * 1000, n % 5));
    }
    const { seconds, series } = await readTimeline(path);
    expect(seconds).toHaveLength(5600 - 3 * 59);
    expect(seconds).toEqual(ledger.seconds);
    expect(series[0]!.latency.count).toBe(2 * 5600);
  });

  test("gives back the run that was written", async () => {
    const path = fresh();
    const timeline = openTimeline(path, header);
    for (const n of [0, 1, 2]) timeline.second(second(n * 1000, 10));
    timeline.notice({ kind: "embedded", text: "stand-ins" });
    timeline.end(end);
    const result = await readTimeline(path);
    expect(result).toMatchObject({ ended: "completed", duration: 3000, header: { runId: "r1" } });
    expect(result.seconds.map(({ requests, users }) => [requests, users])).toEqual([
      [10, 3],
      [10, 3],
      [10, 3],
    ]);
    expect(result.series[0]!.latency.count).toBe(30);
    expect(result.notices).toEqual([{ kind: "embedded", text: "stand-ins" }]);
  });

  test("each second is on the disk as soon as it was told", () => {
    const path = fresh();
    const timeline = openTimeline(path, header);
    timeline.second(second(0, 10));
    expect(readFileSync(path, "utf8").trim().split("\n")).toHaveLength(2);
  });

  test("cut off at any byte, gives every whole second before it and says that the run failed", async () => {
    const path = fresh();
    const timeline = openTimeline(path, header);
    for (const n of [0, 1, 2]) timeline.second(second(n * 1000, 10));
    const text = readFileSync(path);
    const lines = text.toString().split("\n");
    for (let size = lines[0]!.length + 1; size < text.length; size += 37) {
      const copy = fresh();
      writeFileSync(copy, text);
      truncateSync(copy, size);
      const whole = text.subarray(0, size).toString().split("\n").length - 2;
      const result = await readTimeline(copy);
      expect(result.ended).toBe("failed");
      expect([whole, whole + 1]).toContain(result.seconds.length);
      expect(result.series[0]?.latency.count ?? 0).toBe(result.seconds.length * 10);
    }
  });

  test("a file of another kind is an error in a sentence", async () => {
    const path = fresh();
    appendFileSync(path, '{"hello":1}\n');
    await expect(readTimeline(path)).rejects.toThrow(/does not begin as a timeline/);
  });

  const lines = (change: (lines: string[]) => string[]): string => {
    const path = fresh();
    const timeline = openTimeline(path, header);
    for (const n of [0, 1, 2]) timeline.second(second(n * 1000, 10));
    const written = readFileSync(path, "utf8").trimEnd().split("\n");
    writeFileSync(
      path,
      change(written)
        .map((line) => `${line}\n`)
        .join(""),
    );
    return path;
  };
  const bomb = deflateRawSync(new Uint8Array(200 * 1024 * 1024)).toString("base64");
  const line = (more: object) => JSON.stringify({ kind: "second", by_type: [], slowest: [], data: "", ...more });

  test.each<[string, (written: string[]) => string[]]>([
    ["no header", (written) => written.slice(1)],
    ["half a header", () => ['{"kind":"header","header":{"format":1}}']],
    ["a header of the future", ([first]) => [first!.replace('"format":1', '"format":9')]],
    ["a second without data", ([first]) => [first!, line({})]],
    ["a second that inflates without end", ([first]) => [first!, line({ data: bomb })]],
    [
      "failures of an endpoint that is not there",
      ([first]) => [
        first!,
        line({
          by_type: [
            { op: 7, phase: 0, outcome: "reset", status: "", message: "", count: 1, first: 0, last: 0, answers: [] },
          ],
        }),
      ],
    ],
    [
      "a second far away",
      ([first]) => [first!, line({ data: deflateRawSync(encodeSnapshot(second(1e15, 1))).toString("base64") })],
    ],
    ["a notice of numbers", ([first]) => [first!, '{"kind":"notice","notice":7}']],
    ["an end that is none", ([first]) => [first!, '{"kind":"end","ended":"well"}']],
    ["nesting", ([first]) => [first!, `${"[".repeat(5000)}`]],
    [
      "gauges without end",
      ([first, then]) => {
        const gauges = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`g${i}`, 1]));
        return [first!, JSON.stringify({ ...JSON.parse(then!), gauges })];
      },
    ],
    [
      "notices without end",
      ([first]) => [first!, ...new Array(20_000).fill('{"kind":"notice","notice":{"kind":"embedded","text":"x"}}')],
    ],
    ["a header whose texts are a book", ([first]) => [first!.replace('"description":"', `$&${"x".repeat(200_000)}`)]],
    ["an infinite number", ([first]) => [first!.replace('"duration":3000', '"duration":1e999')]],
  ])("with %s it is refused in a sentence", async (_, change) => {
    await expect(readTimeline(lines(change))).rejects.toThrow(DamagedResult);
  });
});
