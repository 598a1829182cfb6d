import { describe, expect, test } from "vitest";
import type { Report } from "../core/plugin.ts";
import { fixtureReport, reportOf } from "./fixture.ts";
import { HOSTILE_NAMES } from "./fixture_scenario.ts";
import { junit, junitXml } from "./junit.ts";

const attribute = (xml: string, name: string) => Number(new RegExp(`<testsuites [^>]*${name}="(\\d+)"`).exec(xml)?.[1]);

/** Every element's opening with nothing in it that could end it early, and each closed in turn. */
function wellFormed(xml: string): boolean {
  const open: string[] = [];
  const rest = xml.replace(/<\?xml[^?]*\?>|<(\/?)(\w+)((?: \w+="[^"<]*")*)(\/?)>/g, (_, closing, name, __, single) => {
    if (closing) return open.pop() === name ? "" : "<";
    if (name !== undefined && !single) open.push(name);
    return "";
  });
  return open.length === 0 && !/[<>]|&(?!(amp|lt|gt|quot|#39);)/.test(rest);
}

const ended = (report: Report, how: Report["result"]["ended"]): Report => ({
  ...report,
  result: { ...report.result, ended: how },
});

describe("junit.xml", () => {
  test("has a test case for each criterion and one for the run; unknown is an error", () => {
    const xml = junitXml(fixtureReport());
    expect(["tests", "failures", "errors"].map((name) => attribute(xml, name))).toEqual([4, 1, 1]);
    expect(xml).toContain('<testcase classname="spike" name="p95 &lt; 2s (all endpoints)" time="0.000"/>');
    expect(xml).toContain('<failure message="3.21 % of calls failed');
    expect(xml).toContain('<error message="the rate is too low to tell"');
    expect(junit.render(fixtureReport()).map(({ path }) => path)).toEqual(["junit.xml"]);
  });

  test.each(HOSTILE_NAMES)("stays well-formed with %j in it", (name) => {
    const verdicts = [{ criterion: name, scope: name, status: "fail" as const, why: `${name}\ufffe\u0000]]>` }];
    const xml = junitXml(fixtureReport({ verdicts }));
    expect(wellFormed(xml)).toBe(true);
    expect(xml).not.toMatch(/[\u0000-\u0009\u000b-\u001f\ufffe\uffff]/);
  });

  test("is not green where nothing was judged, the run broke off, or no call was sent", () => {
    const nothing = reportOf([], { verdicts: [], verdict: "unknown", exitCode: 97 });
    const passed = fixtureReport({ verdict: "pass", verdicts: [] });
    expect(attribute(junitXml(passed), "errors")).toBe(0);
    for (const report of [
      nothing,
      ended(passed, "failed"),
      ended(passed, "stopped"),
      { ...passed, why: "no call was sent" },
    ])
      expect(attribute(junitXml(report), "errors")).toBe(1);
  });
});
