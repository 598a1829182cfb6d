import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { testResolver } from "../contract.ts";
import { grpc } from "./index.ts";
import { intoJson, intoMessage } from "./json_form.ts";
import { loadProtos, type Protos } from "./protos.ts";

const proto = fileURLToPath(new URL("./fixtures/forms.proto", import.meta.url));
const FORM = "demo.forms.Form";
let protos: Protos;
beforeAll(async () => {
  protos = await loadProtos([proto], []);
});

/** Over the wire and back. */
function echoed(form: object): Record<string, unknown> {
  const { serialize, deserialize } = protos.codecs.get(FORM)!;
  return intoJson(protos)(FORM)!(deserialize(serialize(intoMessage(protos)(FORM)!(form))));
}

/** What a message may say, checked as a config's is. */
async function issuesOf(message: object): Promise<string[]> {
  const at = testResolver();
  const config = { host: "localhost:1", proto, calls: [{ method: "demo.forms.Forms/Echo", message }] };
  await grpc.resolve("shop", grpc.schema.parse(config), at);
  return at.issues;
}

const any = (name: string, rest: object) => ({ "@type": `type.googleapis.com/${name}`, ...rest });

describe("in messages and in answers the same", () => {
  test.each<[string, object]>([
    ["a time", { at: "2026-01-31T12:00:00Z" }],
    ["a time before 1970, to the nanosecond", { at: "1969-12-31T23:59:59.000000001Z" }],
    ["a time in milliseconds", { at: "2026-01-31T12:00:00.250Z" }],
    ["a duration", { took: "1.500s" }],
    ["a duration below zero", { took: "-0.000001s" }],
    ["names of fields", { mask: "name,owner.id" }],
    ["a map of anything", { data: { a: 1.5, b: [true, null, "x", { c: {} }], d: { e: "f" } } }],
    ["any value: text", { value: "x" }],
    ["any value: a list", { value: [1, [2]] }],
    ["any value: a map", { value: { numberValue: 3 } }],
    ["any value: nothing", { value: null }],
    ["a list of anything", { list: [1, "a", null] }],
    ["wrapped scalars, also empty ones", { text: "", number: "0", flag: false, level: 0 }],
    ["a wrapped number of 64 bits as text", { number: "-9223372036854775808" }],
    ["a list of times", { times: ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"] }],
    ["a map of durations", { spans: { a: "1s", b: "2s" } }],
    ["keys of 64 bits", { names: { "-5": "a", "9007199254740993": "b" } }],
    ["a message that holds itself", { forms: { "18446744073709551615": { inner: { at: "2026-01-01T00:00:00Z" } } } }],
    ["a message of a type that it names itself", { any: any(FORM, { took: "3s", big: "7" }) }],
    ["a well-known type in one", { any: any("google.protobuf.Duration", { value: "3s" }) }],
    ["a number of 64 bits as text", { big: "9223372036854775807" }],
  ])("%s", async (_, message) => {
    expect(await issuesOf(message)).toEqual([]);
    expect(echoed(message)).toMatchObject(message);
  });

  test("bytes, wrapped or not, come back as bytes", () => {
    expect(echoed({ bytes: "AAEC" }).bytes).toEqual(Buffer.from([0, 1, 2]));
  });

  test("fields that are not there are nothing, also wrapped ones", () => {
    expect(echoed({})).toMatchObject({ at: null, took: null, text: null, any: null, inner: null, times: [] });
  });
});

describe("in messages also", () => {
  test.each<[string, object, object]>([
    ["a time of another zone", { at: "2026-01-31T14:30:00+02:30" }, { at: "2026-01-31T12:00:00Z" }],
    ["milliseconds, as {{now}} gives them", { at: 1_500.25 }, { at: "1970-01-01T00:00:01.500250Z" }],
    ["the fields of a type by name", { at: { seconds: "5", nanos: 0 }, number: { value: 3 } }, { number: "3" }],
    ["names in lower camel case", { userName: "a", inner: { userName: "b" } }, { user_name: "a" }],
  ])("%s", async (_, message, answer) => {
    expect(await issuesOf(message)).toEqual([]);
    const at = testResolver();
    const config = { host: "localhost:1", proto, calls: [{ method: "demo.forms.Forms/Echo", message }] };
    const { endpoints } = await grpc.resolve("shop", grpc.schema.parse(config), at);
    const [sent] = (endpoints[0]!.settings as { messages: object[] }).messages;
    expect(echoed(sent!)).toMatchObject(answer);
  });
});

describe("what does not fit is told", () => {
  test.each<[string, object, string, string]>([
    ["a time in no form", { at: "yesterday" }, "at", 'expected a time such as "2026-01-31T12:00:00Z"'],
    ["a day that is not", { at: "2026-13-01T00:00:00Z" }, "at", "expected a time"],
    ["a duration without its unit", { took: "5" }, "took", 'expected a duration in seconds such as "1.5s"'],
    ["text where a number is wrapped", { number: "many" }, "number", "expected a whole number"],
    ["a list for a map", { data: [] }, "data", "expected a map"],
    ["a type that is not there", { any: any("demo.forms.Farm", {}) }, "any.@type", "expected type.googleapis.com/"],
    ["a field that such a type has not", { any: any(FORM, { tok: "1s" }) }, "any.tok", "the nearest is took"],
    ["a wrong value in one", { any: any("google.protobuf.Duration", { value: 1 }) }, "any.value", "a duration"],
    ["a wrong one among many", { times: ["2026-01-01T00:00:00Z", "x"] }, "times.1", "expected a time"],
  ])("%s", async (_, message, path, words) => {
    const issues = await issuesOf(message);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toContain(`calls.0.message.${path}: `);
    expect(issues[0]).toContain(words);
  });

  test("also what a template filled in, when it is sent", () => {
    expect(() => echoed({ at: "soon" })).toThrow('expected a time such as "2026-01-31T12:00:00Z"');
    expect(() => echoed({ any: any("demo.Nothing", {}) })).toThrow("@type");
  });
});

test("every time and every duration comes back as it was", () => {
  const nanos = fc.integer({ min: 0, max: 999_999_999 });
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), nanos, (seconds, rest) => {
      const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
      const { at } = echoed({ at: `${whole}.${String(rest).padStart(9, "0")}Z` }) as { at: string };
      expect(Date.parse(`${at.slice(0, 19)}Z`)).toBe(seconds * 1000);
      expect(Number(`0${/\.\d+/.exec(at)?.[0] ?? ""}`)).toBeCloseTo(rest / 1e9, 9);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), nanos, (seconds, rest) => {
      const text = `${seconds}.${String(rest).padStart(9, "0")}s`;
      expect(Number.parseFloat(echoed({ took: text }).took as string)).toBeCloseTo(Number.parseFloat(text), 6);
    }),
  );
});

test("any JSON is kept as it is", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
      expect(JSON.parse(JSON.stringify(echoed({ value: value as object }).value))).toEqual(
        JSON.parse(JSON.stringify(value)),
      );
    }),
  );
});

test("a type without any of these is left as it is", async () => {
  const echo = await loadProtos([fileURLToPath(new URL("../../../config/protos/llm.proto", import.meta.url))], []);
  expect(intoMessage(echo)("june.llm.GenerationRequest")).toBeNull();
  expect(intoJson(echo)("june.llm.GenerationResponse")).toBeNull();
});
