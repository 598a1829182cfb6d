import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DamagedResult } from "../core/damaged.ts";
import { partsOf, type ReportFile } from "../core/plugin.ts";
import { documentOf } from "./document.ts";
import { fixtureCalls, fixtureReport, reportOf } from "./fixture.ts";
import { reporters } from "./index.ts";
import { json } from "./json.ts";
import { readResult } from "./read_result.ts";

const report = fixtureReport();
const whole = (file: ReportFile): string => [...partsOf(file)].join("");
const text = whole((await json.render(report))[0]!);

/** The document with a change somewhere in it. */
// biome-ignore lint/suspicious/noExplicitAny: the point is to break what the types promise
const changed = (change: (document: any) => void): string => {
  const document = JSON.parse(text);
  change(document);
  return JSON.stringify(document);
};
const packed = (bytes: Uint8Array | string): string => deflateSync(bytes).toString("base64");

describe("a result file", () => {
  test("gives back every report, byte for byte", async () => {
    const again = readResult(text);
    for (const reporter of reporters) {
      const [before, after] = [await reporter.render(report), await reporter.render(again)];
      expect(after.map(({ path }) => path)).toEqual(before.map(({ path }) => path));
      for (const [i, file] of before.entries()) expect(whole(after[i]!), file.path).toEqual(whole(file));
    }
  });

  test("gives back any run, of no call too", () => {
    const call = fc.constantFrom(...fixtureCalls());
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        const document = documentOf(reportOf(calls));
        expect(documentOf(readResult(JSON.stringify(document)))).toEqual(JSON.parse(JSON.stringify(document)));
      }),
      { numRuns: 30 },
    );
  });
});

const BOMB = packed(new Uint8Array(500 * 1024 * 1024));
/** Histograms of 64 octaves each, as small as can be written: much memory from few bytes. */
const octaves = (() => {
  const one = [...new Array(24).fill(0), 0, 0, 64];
  const buckets = Array.from({ length: 64 }, (_, i) => [...(i === 0 ? [0] : [0x80, 0x04]), 1]).flat();
  return Uint8Array.from([...one, ...buckets]);
})();

test("keys that JavaScript knows change nothing", () => {
  const again = readResult(
    text.replace("{", '{"__proto__":{"verdict":"pass","x":1},"constructor":{"prototype":{"x":1}},'),
  );
  expect(again.verdict).toBe(report.verdict);
  expect(({} as { x?: number }).x).toBeUndefined();
});

describe("a damaged or hostile file", () => {
  test.each<[string, string]>([
    ["nothing", ""],
    ["text", "hello"],
    ["half of a result", text.slice(0, text.length / 2)],
    ["a number", "7"],
    ["null", "null"],
    ["a list", "[]"],
    ["an empty object", "{}"],
    ["brackets without end", "[".repeat(5_000_000)],
    ["nesting", `${"[".repeat(200)}${"]".repeat(200)}`],
    ["very many values", `[${"0,".repeat(9_000_000)}0]`],
    ["very many objects", `[${"{},".repeat(9_000_000)}{}]`],
    ["a string without end", `"${"\\".repeat(1_000_000)}`],
    ["histograms that another version wrote", changed((d) => Object.assign(d.histograms, { encoding: "base64" }))],
    ["an infinite count", text.replace(/"counts":\[\d+/, '"counts":[1e999')],
    ["a length below zero", changed((d) => Object.assign(d.histograms.run, { duration_ms: -1 }))],
    ["another format", changed((d) => Object.assign(d, { format: 2 }))],
    ["a verdict that there is not", changed((d) => Object.assign(d, { verdict: "fine" }))],
    ["an exit code that there is not", changed((d) => Object.assign(d, { exit_code: 3 }))],
    ["no histograms", changed((d) => delete d.histograms)],
    ["no header", changed((d) => delete d.histograms.run.header)],
    ["a header without phases", changed((d) => delete d.histograms.run.header.scenario.phases)],
    ["services that are text", changed((d) => Object.assign(d.histograms.run.header.scenario, { services: "x" }))],
    ["a start that is no time", changed((d) => Object.assign(d.histograms.run.header, { startedAt: "yesterday" }))],
    ["a stamp that climbs", changed((d) => Object.assign(d.histograms.run, { stamp: "../../x" }))],
    ["an endpoint that is not there", changed((d) => Object.assign(d.histograms.series[0], { op: 9999 }))],
    ["a phase that is not there", changed((d) => Object.assign(d.histograms.series[0], { phase: 77 }))],
    ["a negative count", changed((d) => Object.assign(d.histograms.series[0].counts, [-1]))],
    ["a count beyond all counts", changed((d) => Object.assign(d.histograms.series[0].counts, [1e300]))],
    ["too few counters", changed((d) => Object.assign(d.histograms.series[0], { counts: [1] }))],
    ["histograms that are no base64", changed((d) => Object.assign(d.histograms.series[0], { data: "%%%" }))],
    [
      "histograms that break off",
      changed((d) => Object.assign(d.histograms.series[0], { data: packed(new Uint8Array(30)) })),
    ],
    ["one histogram too many", changed((d) => Object.assign(d.histograms, { lateness: packed(new Uint8Array(54)) }))],
    ["a bomb in the histograms", changed((d) => Object.assign(d.histograms.series[0], { data: BOMB }))],
    ["a bomb in the blocks", changed((d) => Object.assign(d.histograms.blocks[0], { data: BOMB }))],
    ["a bomb in the seconds", changed((d) => Object.assign(d.histograms.run, { seconds: BOMB }))],
    ["seconds that are text", changed((d) => Object.assign(d.histograms.run, { seconds: packed('["x"]') }))],
    [
      "a block of an endpoint that is not there",
      changed((d) => Object.assign(d.histograms.blocks[0].series, [[999, 0]])),
    ],
    [
      "wide histograms",
      changed((d) => {
        const { run, series } = d.histograms;
        const metrics = Array.from({ length: 62 }, (_, i) => ({ name: `m${i}`, unit: "ms" }));
        run.header.ops = run.header.ops.map((op: object) => ({ ...op, metrics }));
        const data = packed(Buffer.concat(new Array(64).fill(octaves)));
        d.histograms.series = new Array(5000).fill({ ...series[0], data });
      }),
    ],
  ])("%s is refused in a sentence", (_, file) => {
    let thrown: unknown;
    try {
      readResult(file);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(DamagedResult);
    expect((thrown as Error).message.length).toBeLessThan(400);
  });
});
