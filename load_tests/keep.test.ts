import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Report } from "./core/plugin.ts";
import { openTimeline } from "./engine/timeline.ts";
import { removeOlderRuns } from "./keep.ts";
import { reporters } from "./registry.ts";
import { renderReports } from "./rendering.ts";
import { reportOf } from "./reports/fixture.ts";
import { writeReports } from "./run_folder.ts";

const now = Date.UTC(2026, 2, 9, 12);
const base = reportOf([], { verdicts: [] });
const name = base.result.header.scenario.name;

/** A report of the run `runId` that keeps `keep` runs. */
function reportFor(runId: string, keep: number | null, more: Partial<Report> = {}): Report {
  const { result } = base;
  const header = { ...result.header, runId, reports: { ...result.header.reports, keep } };
  return { ...base, ...more, result: { ...result, header } };
}

interface Made {
  readonly ended?: boolean;
  readonly minutesAgo?: number;
  readonly scenario?: string;
}

const stampOf = (number: number): string => `20260309_${String(100_000 + number)}`;
const emptyScenario = (): string => {
  const parent = join(mkdtempSync(join(tmpdir(), "tenfold-keep-")), name);
  mkdirSync(parent);
  return parent;
};

/** A run's folder as a run leaves it, by the code that writes them. */
function makeRun(folder: string, { ended = true, minutesAgo = 60, scenario = name }: Made = {}): string {
  mkdirSync(folder);
  const { header } = reportFor(folder.slice(-6), null).result;
  const path = join(folder, "timeline.jsonl");
  const timeline = openTimeline(path, { ...header, scenario: { ...header.scenario, name: scenario } });
  timeline.notice({ kind: "not-judged", text: "x".repeat(3000) });
  if (ended) {
    timeline.end({ ended: "completed", duration: 1000, endedAt: "2026-03-09T10:00:00.000Z" });
    writeReports(folder, [{ path: "analysis/summary.txt", content: "fine" }]);
  }
  const at = (now - minutesAgo * 60_000) / 1000;
  utimesSync(path, at, at);
  return folder;
}

const remove = (parent: string, report: Report): string[] => removeOlderRuns(join(parent, ".."), report, now);
const left = (parent: string): string[] => readdirSync(parent).sort();

describe("what lies beyond `keep`", () => {
  const KINDS: Record<string, (path: string) => void> = {
    "a link to a run": (path) => symlinkSync(makeRun(join(mkdtempSync(join(tmpdir(), "tenfold-far-")), "r")), path),
    "a run with a note in it": (path) => writeFileSync(join(makeRun(path), "note.txt"), "mine"),
    "a run with a note deeper in it": (path) => writeFileSync(join(makeRun(path), "analysis", "note.md"), "mine"),
    "a run with a link in it": (path) => symlinkSync(tmpdir(), join(makeRun(path), "summary.md")),
    "a run with a folder in it": (path) => mkdirSync(join(makeRun(path), "summary.md")),
    "a folder without a timeline": (path) => mkdirSync(path),
    "a folder with another's timeline": (path) => {
      mkdirSync(path);
      writeFileSync(join(path, "timeline.jsonl"), '{"kind":"header"}\n');
    },
    "a timeline that is a link": (path) => {
      mkdirSync(path);
      symlinkSync(join(makeRun(`${path}_far`), "timeline.jsonl"), join(path, "timeline.jsonl"));
    },
    "a run of another scenario": (path) => makeRun(path, { scenario: "other" }),
    "a file": (path) => writeFileSync(path, "mine"),
    "a folder of another name": (path) => makeRun(`${path}-kept`),
    "a run under way": (path) => makeRun(path, { ended: false, minutesAgo: 1 }),
  };
  const OURS: Record<string, (path: string) => void> = {
    "a finished run": (path) => makeRun(path),
    "a run that was killed": (path) => makeRun(path, { ended: false }),
  };

  test("goes where it is a run of ours, and stays where it is anything else", () => {
    const kinds = { ...KINDS, ...OURS };
    const layout = fc.array(fc.constantFrom(...Object.keys(kinds)), { maxLength: 12 });
    fc.assert(
      fc.property(layout, fc.integer({ min: 1, max: 4 }), (entries, keep) => {
        const parent = emptyScenario();
        writeFileSync(join(parent, "latest"), "");
        for (const [i, kind] of entries.entries()) kinds[kind]!(join(parent, stampOf(i)));
        const before = left(parent);
        // This run is the newest; runs under way and those that may not go are runs of the scenario as well.
        const counted = (kind: string) => kind in OURS || kind === "a run under way" || kind.startsWith("a run with a");
        const ofScenario = entries.map((kind, i) => ({ kind, i })).filter(({ kind }) => counted(kind));
        const gone = ofScenario
          .toReversed()
          .slice(keep)
          .filter(({ kind }) => kind in OURS);
        expect(remove(parent, reportFor("another", keep))).toEqual([]);
        expect(left(parent)).toEqual(before.filter((each) => !gone.some(({ i }) => each === stampOf(i))));
        for (const [i, kind] of entries.entries())
          if (kind.startsWith("a run with a note")) expect(notesIn(join(parent, stampOf(i)))).toEqual(["mine"]);
      }),
      { numRuns: 60 },
    );
  });

  const notesIn = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((each) => each.includes("note"))
      .map((each) => readFileSync(join(folder, each), "utf8"));
});

test("without `keep` all runs stay", () => {
  const parent = emptyScenario();
  for (const i of [1, 2, 3]) makeRun(join(parent, stampOf(i)));
  expect(remove(parent, reportFor("another", null))).toEqual([]);
  expect(left(parent)).toHaveLength(3);
});

test("the run itself and its baselines stay, however old", () => {
  const parent = emptyScenario();
  for (const i of [1, 2, 3, 4, 5]) makeRun(join(parent, stampOf(i)));
  const reference = (run_id: string) => ({ run_id, scenario: name, started_at: "", git_sha: null });
  const comparison = {
    comparison: { baseline: [reference("100002")] },
    drawings: [],
  } as unknown as Report["comparison"];
  const beside = { baseline: reference("100003"), rows: [] };
  remove(parent, reportFor("100001", 1, { comparison, beside }));
  expect(left(parent)).toEqual([1, 2, 3, 5].map(stampOf));
});

test("the newest completed run stays, since others may be compared with it", async () => {
  const parent = emptyScenario();
  for (const i of [1, 2, 3]) makeRun(join(parent, stampOf(i)));
  const completed = reportFor("100002", null, { stamp: stampOf(2) });
  writeReports(join(parent, stampOf(2)), (await renderReports(completed, reporters, ["json"])).files);
  remove(parent, reportFor("another", 1));
  expect(left(parent)).toEqual([2, 3].map(stampOf));
});

test("every file that a run can leave is known as ours", async () => {
  const parent = emptyScenario();
  const folder = makeRun(join(parent, stampOf(1)));
  makeRun(join(parent, stampOf(2)));
  const compared = {
    comparison: {
      baseline: [],
      current: [],
      comparable: true,
      why: null,
      differences: [],
      verdict: "inconclusive",
      changes: [],
    },
    drawings: [
      {
        run: { run_id: "", scenario: "", started_at: "", git_sha: null },
        side: "current",
        curve: [],
        distribution: [],
      },
    ],
  } as const;
  const report = reportFor("100001", 1, { stamp: `${stampOf(1)}_2`, comparison: compared });
  const stopped: Report = { ...report, result: { ...report.result, ended: "stopped" } };
  const formats = ["html", "json", "csv", "png", "junit", "markdown"];
  const { files, problems } = await renderReports(stopped, reporters, formats);
  expect(problems).toEqual([]);
  writeReports(folder, files);
  for (const name of ["results_0123456789abcdef.jsonl", "summary_0123456789abcdef.json", "function_metadata.json"])
    writeFileSync(join(folder, name), "");
  writeFileSync(join(folder, ".summary.md.123"), "cut sho");
  expect(files.length).toBeGreaterThan(15);
  remove(parent, reportFor("another", 1));
  expect(existsSync(folder)).toBe(false);
});
