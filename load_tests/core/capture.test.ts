import { describe, expect, test } from "vitest";
import { compileCaptures, compileFind, needsBody, needsHeaders } from "./capture.ts";
import { compileCondition } from "./condition.ts";
import type { Answer } from "./plugin.ts";
import type { Capture, StepValues } from "./workload.ts";

const answer = (body: string, headers: Record<string, string> = {}): Answer => ({
  status: "200",
  size: body.length,
  header: (name) => headers[name.toLowerCase()],
  text: () => body,
  json: () => JSON.parse(body) as unknown,
});

const BODY = '{"id":7,"cart":{"items":[{"id":"a"},{"id":"b"}]},"page":"<a href=/x?id=12>next</a> id=13"}';

describe("a capture", () => {
  test.each([
    ["$.id", 7],
    ["id", 7],
    ["cart.items[1].id", "b"],
    ["$.cart.items[*].id", "a"],
    ["header:X-Id", "h1"],
    ["/id=(\\d+)/", "12"],
    ["/NEXT/i", "next"],
  ])("%s finds %j", (from, value) => {
    expect(compileFind(from)(answer(BODY, { "x-id": "h1" }))[0]).toBe(value);
  });

  test.each([["$.["], ["header:"], ["/(/"], ["a b"]])("%s is refused", (from) => {
    expect(() => compileFind(from)).toThrow();
  });

  const take = (capture: Partial<Capture> & { from: string }, body = BODY) => {
    const values = { x: "old" } as unknown as StepValues;
    const said = compileCaptures([{ name: "x", list: false, ...capture }]).take(answer(body), values);
    return { said, x: values.x };
  };

  test("takes the first of what is found, or all of it as a list", () => {
    expect(take({ from: "$.cart.items[*].id" })).toEqual({ said: null, x: "a" });
    expect(take({ from: "$.cart.items[*].id", list: true })).toEqual({ said: null, x: ["a", "b"] });
    expect(take({ from: "$.none[*]", list: true })).toEqual({ said: null, x: [] });
  });

  test("names what is missing, where there is no default", () => {
    expect(take({ from: "$.none" }).said).toBe("capture failed: x ($.none) found nothing in the answer");
    expect(take({ from: "$.none", default: 0 })).toEqual({ said: null, x: 0 });
  });

  test("of a failed call takes the value of the call before away", () => {
    const values = { x: "old" } as unknown as StepValues;
    compileCaptures([{ name: "x", from: "$.id", list: false }]).clear(values);
    expect("x" in values).toBe(false);
  });

  test("needs the body, unless it is of a header; code may ask for both", () => {
    const endpoint = (from: string) =>
      ({ checks: [], captures: [{ name: "x", from, list: false }] }) as unknown as Parameters<typeof needsBody>[0];
    expect([needsBody(endpoint("$.id")), needsBody(endpoint("header:a"))]).toEqual([true, false]);
    expect([needsHeaders(endpoint("$.id")), needsHeaders(endpoint("header:a"))]).toEqual([false, true]);
    expect(needsHeaders({ checks: [], keepsBody: true } as unknown as Parameters<typeof needsBody>[0])).toBe(true);
    expect(needsHeaders({ checks: [] } as unknown as Parameters<typeof needsBody>[0])).toBe(false);
  });
});

describe("a condition", () => {
  const values = { cart: 0, items: [], user: { index: 3 }, state: "done", n: 4 } as unknown as StepValues;
  test.each([
    ["state", true],
    ["cart", false],
    ["items", false],
    ["missing", false],
    ["not missing", true],
    ["not state", false],
    ['state == "done"', true],
    ["state == done", true],
    ["state != done", false],
    ["n > 3", true],
    ["n <= 3", false],
    ["user.index == 3", true],
    ["missing exists", false],
    ["state matches /^do/", true],
  ])("%s is %s", (text, holds) => {
    expect(compileCondition(text)(values)).toBe(holds);
  });

  test.each([["== 3"], ["n ~ 3"], ["n >"], [""]])("%j is refused", (text) => {
    expect(() => compileCondition(text)).toThrow();
  });
});
