import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checksNeedBody, compileChecks, parseCheck, speaksOfStatus } from "./check.ts";
import type { Answer } from "./plugin.ts";

interface Given {
  status?: string;
  body?: string;
  headers?: Record<string, string>;
}

const answer = ({ status = "200", body = "", headers = {} }: Given = {}): Answer => ({
  status,
  size: Buffer.byteLength(body),
  header: (name) => headers[name.toLowerCase()],
  text: () => body,
  json: () => {
    try {
      return JSON.parse(body);
    } catch {
      return undefined;
    }
  },
});

const holds = (sentence: string, given: Given = {}, elapsed = 10): boolean =>
  compileChecks([parseCheck(sentence)])(answer(given), elapsed) === null;

describe("a status", () => {
  it.each([
    ["status == 200", "200", true],
    ["status==200", "200", true],
    ["status == 200", "201", false],
    ["status != 500", "200", true],
    ["status != 500", "500", false],
    ["status < 400", "399", true],
    ["status < 400", "400", false],
    ["status >= 1000", "1011", true],
    ["status < 400", "NOT_FOUND", false],
    ["status in 200,201", "201", true],
    ["status in 200, 204", "204", true],
    ["status in 200,201", "20", false],
    ["status == NOT_FOUND", "NOT_FOUND", true],
    ["status in OK,NOT_FOUND", "NOT_FOUND", true],
    ["status != OK", "INTERNAL", true],
  ])("%s of %s: %s", (sentence, status, expected) => {
    expect(holds(sentence, { status })).toBe(expected);
  });
});

describe("a JSONPath", () => {
  const body = JSON.stringify({
    id: "x1",
    n: 3,
    text: "3",
    yes: true,
    nil: null,
    empty: "",
    list: [],
    object: {},
    zero: 0,
    no: false,
    tags: ["red", "blue"],
    items: [
      { id: 1, price: 5 },
      { id: 2, price: 9 },
    ],
    "odd key": 1,
    at: "2024-05-01",
  });
  it.each([
    ["$.id exists", true],
    ["$.nope exists", false],
    ["$.nil exists", true],
    ["$.nope not exists", true],
    ["$.id not  exists", false],
    ["$.id not empty", true],
    ["$.zero not empty", true],
    ["$.no not empty", true],
    ["$.empty not empty", false],
    ["$.list not empty", false],
    ["$.object not empty", false],
    ["$.nil not empty", false],
    ["$.nope not empty", false],
    ["$.n == 3", true],
    ["$.n==3.0", true],
    ['$.n == "3"', false],
    ["$.text == 3", false],
    ["$.text == '3'", true],
    ["$.n != 4", true],
    ["$.nope != 4", false],
    ["$.n < 4", true],
    ["$.n <= 3", true],
    ["$.n > 3", false],
    ["$.n >= 3", true],
    ["$.id < 4", false],
    ['$.at >= "2024-01-01"', true],
    ["$.yes == true", true],
    ["$.no == false", true],
    ["$.nil == null", true],
    ["$.id == x1", true],
    ["$.id contains x", true],
    ["$.tags contains blue", true],
    ["$.tags contains lu", false],
    ["$.object contains x", false],
    ["$.id matches /^X\\d$/i", true],
    ["$.id matches /^\\d/", false],
    ["$['odd key'] == 1", true],
    ["$.items[?@.id == 2].price == 9", true],
    ["$.items[*].price < 10", true],
    ["$.items[*].price < 9", false],
    ["$.items[*].price > 10", false],
    ["$.items[0].id exists", true],
    ["$ not empty", true],
    ["$.constructor exists", false],
    ["$.tags.length exists", false],
  ])("%s: %s", (sentence, expected) => {
    expect(holds(sentence, { body })).toBe(expected);
  });

  it.each(["$.id exists", "$.id not exists", "$.id != 3"])("%s does not hold on a body that is no JSON", (sentence) => {
    expect(holds(sentence, { body: "<html>" })).toBe(false);
  });
});

describe("body, header, size and time", () => {
  const given = { body: "hello name\nworld", headers: { "content-type": "application/json", "x-empty": "" } };
  it.each([
    ["body contains name", true],
    ["body contains 'hello name'", true],
    ["body contains nope", false],
    ["body matches /^world$/m", true],
    ["body matches /^world$/", false],
    ["body == hello", false],
    ['body == "hello name\\nworld"', true],
    ["body not empty", true],
    ["header:Content-Type contains json", true],
    ["header:content-type == application/json", true],
    ["header:X-Id exists", false],
    ["header:X-Id not exists", true],
    ["header:X-Id contains a", false],
    ["header:X-Empty exists", true],
    ["header:X-Empty not empty", false],
    ["size < 64KB", true],
    ["size == 16", true],
    ["size > 1KB", false],
    ["time < 1s", true],
    ["time < 10ms", false],
    ["time <= 10ms", true],
    ["time < 0.005", false],
  ])("%s: %s", (sentence, expected) => {
    expect(holds(sentence, given)).toBe(expected);
  });

  it("an empty body is empty", () => {
    expect(holds("body not empty", { body: "" })).toBe(false);
  });
});

describe("several checks", () => {
  it("give the first that fails", () => {
    const checks = ["status == 200", "body contains a", "body contains b"].map(parseCheck);
    const first = compileChecks(checks);
    expect(first(answer({ body: "ab" }), 1)).toBeNull();
    expect(first(answer({ body: "x" }), 1)).toBe(checks[1]);
    expect(first(answer({ status: "500", body: "x" }), 1)).toBe(checks[0]);
    expect(compileChecks([])(answer(), 1)).toBeNull();
  });

  it("say whether they speak of the status and need the body", () => {
    const of = (...sentences: string[]) => sentences.map(parseCheck);
    expect(speaksOfStatus(of("time < 1s", "status < 500"))).toBe(true);
    expect(speaksOfStatus(of("body contains status"))).toBe(false);
    expect(checksNeedBody(of("status == 200", "header:A exists", "size > 1", "time < 1s"))).toBe(false);
    expect(checksNeedBody(of("$.id exists"))).toBe(true);
    expect(checksNeedBody(of("body not empty"))).toBe(true);
  });

  it("are plain data that survive a clone to a worker", () => {
    const check = parseCheck("  body matches /a|b/i ");
    expect(structuredClone(check)).toEqual(check);
    expect(check.sentence).toBe("body matches /a|b/i");
  });
});

describe("a sentence that is no check", () => {
  it.each([
    ["", "begin with one of status, body, size, time, header:NAME, $.path"],
    ["statsu == 200", "the nearest is status"],
    ["header exists", "the nearest is header:NAME"],
    ["status = 200", "the nearest is =="],
    ["status === 200", "the nearest is =="],
    ["status", "found nothing"],
    ["status ==", "expected a value"],
    ["status == two", "200 or NOT_FOUND"],
    ["status < OK", "400"],
    ["status in 200,", "200,201"],
    ["status exists", "==, !=, <, <=, >, >=, in"],
    ["$.a[ exists", "expected a JSONPath"],
    ["$.a b exists", "the nearest is"],
    ["$.a exits", "the nearest is exists"],
    ["$.a exists now", "expected nothing"],
    ["$.a < many", "expected a number"],
    ["body contians x", "the nearest is contains"],
    ["body matches [a-z]", "between slashes"],
    ["body matches /(/", "does not compile"],
    ["body matches /a/g", "between slashes"],
    ["size < 64 parsecs", "64KB"],
    ["time < soon", "500ms"],
    ["time == 1s", "<, <=, >, >="],
  ])("%j is refused: %s", (sentence, expected) => {
    expect(() => parseCheck(sentence)).toThrow(expected);
    expect(() => parseCheck(sentence)).toThrow(`check "${sentence}"`);
  });

  it("never breaks the parser in another way", () => {
    const piece = fc.constantFrom(
      "$",
      ".a",
      "[",
      "]",
      "'",
      '"',
      "?@.x",
      "(",
      " ",
      "status",
      "body",
      "header:",
      "not",
      "exists",
      "==",
      "<",
      "in",
      "matches",
      "/",
      "200",
      "contains",
      "\\",
      "time",
      "1s",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const sentence = pieces.join("");
        try {
          expect(typeof compileChecks([parseCheck(sentence)])(answer({ body: "{}" }), 1)).toBe("object");
        } catch (error) {
          expect((error as Error).message).toContain(`check "${sentence.trim()}": `);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
