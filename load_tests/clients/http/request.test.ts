import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Values } from "../../core/template.ts";
import { isBase64 } from "../base64.ts";
import type { AnswerHead } from "../wire/carried.ts";
import { Reply } from "./reply.ts";
import { compileRequest, type RequestSpec } from "./request.ts";

const SPEC: RequestSpec = {
  method: "GET",
  base: "",
  path: "/{{text}}",
  query: {},
  headers: [],
  authorized: false,
  body: null,
  authorization: null,
};

const build = (spec: Partial<RequestSpec>, text: string) =>
  compileRequest({ ...SPEC, ...spec })({ text } as unknown as Values, null);

describe("whatever fills a template", () => {
  test("a path holds only what a request line may hold, and means the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const plain = text.replaceAll("%", "");
        const { path } = build({}, plain);
        expect(path).toMatch(/^\/[\x21-\x7e]*$/);
        expect(decodeURIComponent(path)).toBe(`/${plain}`);
      }),
      { examples: [["/x"], ["a b"], ["?q=ü"]] },
    );
  });

  test("a path of broken characters is still one", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(build({}, text).path).toMatch(/^\/[\x21-\x7e]*$/);
      }),
    );
    expect(build({}, "\ud800").path).toBe("/%EF%BF%BD");
  });

  test("queries and forms give it back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const fields = { a: "{{text}}", "b c": "x" };
        const { path, body } = build({ path: "/p?z=1", query: fields, body: { kind: "form", fields } }, text);
        expect(Object.fromEntries(new URL(path, "http://h").searchParams)).toEqual({ z: "1", a: text, "b c": "x" });
        expect(Object.fromEntries(new URLSearchParams(String(body)))).toEqual({ a: text, "b c": "x" });
      }),
    );
  });

  test("JSON gives it back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const { body } = build({ body: { kind: "json", value: { a: ["{{text}}!"] } } }, text);
        expect(JSON.parse(String(body))).toEqual({ a: [`${text}!`] });
      }),
    );
  });
});

test("a request without templates is built once", () => {
  const constant = compileRequest({ ...SPEC, path: "/a", body: { kind: "json", value: { a: 1 } } });
  const values = {} as Values;
  expect(constant(values, null)).toBe(constant(values, null));
  expect(constant(values, "t").headers.pairs.slice(-2)).toEqual(["authorization", "Bearer t"]);
  expect(constant(values, null).headers.pairs).not.toContain("authorization");
});

const OK: AnswerHead = {
  code: 200,
  statusText: "OK",
  setsCookies: false,
  isEncoded: false,
  fields: () => ({ values: () => [] }),
};

test("a reply is the same however its body is cut, and keeps no more than it is to keep", () => {
  const limit = 50;
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
      const reply = new Reply(OK, { keep: limit, keepsHeaders: false });
      for (const chunk of chunks) reply.add(Buffer.from(chunk), 0, chunk.length);
      const whole = Buffer.concat(chunks);
      expect(reply.size).toBe(whole.length);
      expect(reply.text()).toBe(whole.subarray(0, limit).toString());
    }),
  );
});

test("base64 is what Buffer writes, with and without padding", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString("base64");
      expect(isBase64(text) && isBase64(text.replace(/=+$/, ""))).toBe(true);
    }),
  );
  for (const text of ["a", "ab=c", "a-b_", "====", "abcd\n"]) expect(isBase64(text), text).toBe(false);
});
