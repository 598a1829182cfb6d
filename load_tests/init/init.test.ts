import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { parse } from "yaml";
import { loadPlan } from "../config/load.ts";
import { substitute } from "../config/variables.ts";
import { randomStream } from "../core/random.ts";
import { compileJson, compileText, type Values } from "../core/template.ts";
import { criteria, protocols } from "../registry.ts";
import { literal, NoConfig } from "./draft.ts";
import { textLike } from "./pattern.ts";
import { sample } from "./sample.ts";
import { EMPTY, fromText, fromUrl } from "./source.ts";
import { configText } from "./yaml.ts";

const values = { random: randomStream(1), now: 1_700_000_000_000, env: {} } as unknown as Values;

/** The config of a text, proven to be sound with everything in it called. */
async function configOf(text: string, address: string | null = null) {
  const draft = fromText(text, address)!;
  const written = configText(draft, "the source");
  const load = (config: string) =>
    loadPlan({ file: "/c.yaml", text: config, env: {}, protocols, criteria, flags: {}, readable: () => true });
  await load(written.replaceAll(/\n *enabled: false/g, ""));
  const plan = await load(written);
  return { rest: parse(written).services.rest, plan, written };
}

const document = (extra: object, paths: object) => JSON.stringify({ openapi: "3.1.0", ...extra, paths });

describe("A value of a schema", () => {
  const lookUp = (ref: string) =>
    ({
      "#/Pet": { type: "object", required: ["name", "parent"], properties: { name: {}, parent: { $ref: "#/Pet" } } },
      "#/Id": { type: "integer", minimum: 5, maximum: 6 },
      "#/Base": { required: ["id"], properties: { id: { $ref: "#/Id" } } },
    })[ref];

  it.each<[string, unknown, unknown]>([
    [
      "a required field, and no other",
      { type: "object", required: ["a"], properties: { a: { type: "boolean" }, b: {} } },
      { a: true },
    ],
    ["an example", { type: "string", example: "x {{y}} ${z}" }, "x {{y}} $${z}"],
    ["a default", { type: "integer", default: 7 }, 7],
    ["the first of a list of values", { type: ["string", "null"], enum: [null, "b", "c"] }, "b"],
    ["a constant", { const: 3 }, 3],
    ["a range", { type: "integer", exclusiveMinimum: 4, maximum: 5 }, 5],
    ["an open range of OpenAPI 3.0", { type: "integer", minimum: 4, exclusiveMinimum: true, maximum: 5 }, 5],
    ["a multiple", { type: "integer", minimum: 7, multipleOf: 5 }, 10],
    ["a list of the least length", { type: "array", minItems: 2, items: { const: 1 } }, [1, 1]],
    [
      "parts",
      { allOf: [{ $ref: "#/Base" }, { required: ["k"], properties: { k: { const: 1 } } }] },
      { id: expect.toSatisfy((id: number) => id === 5 || id === 6), k: 1 },
    ],
    ["the first choice", { oneOf: [{ type: "null" }, { const: 2 }] }, 2],
    ["a text of a length", { type: "string", minLength: 8, maxLength: 9 }, expect.stringMatching(/^\w{8}$/)],
    ["an uuid", { type: "string", format: "uuid" }, expect.stringMatching(/^[0-9a-f-]{36}$/)],
    ["a day", { type: "string", format: "date" }, "2023-11-14"],
    ["a number that stays one", { type: "number", minimum: 2, maximum: 2 }, 2],
  ])("is %s", (_, schema, expected) => {
    expect(compileJson(sample(schema, lookUp))(values)).toEqual(expected);
  });

  it("of a type that holds itself ends somewhere", () => {
    expect(JSON.stringify(sample({ $ref: "#/Pet" }, lookUp)).length).toBeLessThan(2000);
  });
});

test("Text that stands for itself comes out as it was, whatever stands in it", () => {
  const pieces = fc.constantFrom("\\", "{{", "{", "}}", "${", "$", "$$", "!", "a", " ", "#if x", '"');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      const read = substitute(literal(text), {})?.text ?? literal(text);
      expect(compileText(read)(values)).toBe(text);
    }),
    { numRuns: 2000 },
  );
});

describe("A text of a pattern", () => {
  it.each([
    ["^sha256:[a-f0-9]{64}$", 71],
    ["^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$", 0],
    ["^ssh-(rsa|dss|ed25519) |^ecdsa-sha2-nistp(256|384|521) ", 0],
    ["^[a-z][\\w.-]*\\d+$", 12],
    ["[^\\s@]+@[^\\s@]+\\.[a-z]{2,}", 0],
    ["^\\+?[0-9]{3}-\\d{4}$", 0],
    ["^[^a1A_-]$", 1],
    ["^$|^x$", 1],
  ])("is one that it takes: %s", (pattern, least) => {
    const text = textLike(pattern, least);
    expect(text).toMatch(new RegExp(pattern, "u"));
    expect(text!.length).toBeGreaterThanOrEqual(least);
  });

  it.each(["^(?=.*x)y$", "(a)\\1", "[", "(", "^a$", "^a{999999999}$"])(
    "is none where it is not understood: %s",
    (pattern) => {
      expect(textLike(pattern, 3)).toBeNull();
    },
  );

  it("goes into a value as it is", () => {
    const schema = { type: "string", pattern: "^\\{\\{x[0-9]{2}$", format: "date" };
    expect(compileJson(sample(schema, () => undefined))(values)).toBe("{{x11");
  });
});

describe("A config", () => {
  it("of an OpenAPI 3 document has its server, its calls with what they require, and its credentials as variables", async () => {
    const text = document(
      {
        servers: [{ url: "https://{zone}.example.com/v1/", variables: { zone: { default: "eu" } } }],
        components: {
          securitySchemes: { key: { type: "http", scheme: "bearer" } },
          parameters: { limit: { name: "limit", in: "query", required: true, schema: { type: "integer" } } },
        },
      },
      {
        "/pets/{id}": {
          parameters: [{ name: "id", in: "path", required: true, schema: { type: "string", example: "a/b" } }],
          get: { parameters: [{ $ref: "#/components/parameters/limit" }, { name: "x", in: "query" }] },
          delete: {},
          put: {
            requestBody: {
              content: { "application/json": { schema: { required: ["n"], properties: { n: { const: "${x}" } } } } },
            },
          },
        },
      },
    );
    const { rest, plan } = await configOf(text);
    expect(rest.eu.host).toBe("${EU_HOST:-https://eu.example.com/v1}");
    expect(rest.eu.auth).toEqual({ bearer: "${API_TOKEN:-change-me}" });
    expect(rest.eu.endpoints).toEqual([
      { method: "GET", path: "/pets/a%2Fb", name: "GET /pets/{id}", query: { limit: "{{random.int 1 100}}" } },
      { method: "PUT", path: "/pets/a%2Fb", name: "PUT /pets/{id}", json: { n: "$${x}" }, enabled: false },
      { method: "DELETE", path: "/pets/a%2Fb", name: "DELETE /pets/{id}", enabled: false },
    ]);
    expect(plan.scenarios[0]!.services[0]!.endpoints.map(({ name }) => name)).toEqual(["GET /pets/{id}"]);
  });

  it("of an OpenAPI 2 document in YAML has its host and its forms", async () => {
    const text = `
swagger: "2.0"
host: shop.example.com
basePath: /api
schemes: [ http ]
securityDefinitions: { key: { type: apiKey, in: query, name: key } }
paths:
  /items: { post: { parameters: [ { name: n, in: formData, required: true, type: string }, { name: f, in: formData, type: file } ] } }
  /new: { post: { parameters: [ { name: b, in: body, schema: { $ref: "#/definitions/New" } } ] } }
definitions: { New: { required: [ a ], properties: { a: { type: integer, minimum: 1, maximum: 9 } } } }
`;
    const { rest } = await configOf(text);
    expect(rest.shop.host).toBe("${SHOP_HOST:-http://shop.example.com/api}");
    expect(rest.shop.endpoints).toMatchObject([
      { method: "GET", path: "/" },
      { path: "/items", form: { n: "{{random.word}}" }, query: { key: "${API_KEY:-change-me}" }, enabled: false },
      { path: "/new", json: { a: "{{random.int 1 9}}" }, enabled: false },
    ]);
  });

  it("of a document that was fetched hangs relative servers on its address", async () => {
    const { rest } = await configOf(
      document({ servers: [{ url: "/base" }] }, { "/": { get: {} } }),
      "http://h.example.com:81/docs/openapi.json",
    );
    expect(rest.h.host).toBe("${H_HOST:-http://h.example.com:81/base}");
  });

  it("of a HAR file has no cookie and no token in it; other sites and static files are off", async () => {
    const SECRETS = [
      "sid-abcdef123456",
      "zzTOKENzz99",
      "tok_9f8e7d6c5b4a",
      "hunter2hunter",
      "eyJhbGciOi.eyJzdWIiOjF9.c2lnbmF0dXJl",
    ];
    const [sid, csrf, token, password, jwt] = SECRETS;
    const entry = (method: string, url: string, rest: object = {}, response: object = {}) => ({
      request: {
        method,
        url,
        headers: [
          { name: "Cookie", value: `sid=${sid}` },
          { name: ":path", value: "/" },
        ],
        ...rest,
      },
      response: { content: { mimeType: "text/html" }, ...response },
    });
    const json = (value: object) => ({ postData: { mimeType: "application/json", text: JSON.stringify(value) } });
    const { rest, written } = await configOf(
      JSON.stringify({
        log: {
          entries: [
            entry(
              "GET",
              "https://www.shop.com/",
              {},
              { headers: [{ name: "set-cookie", value: `csrf=${csrf}; Path=/` }] },
            ),
            entry("GET", "https://www.shop.com/app.js?v=3"),
            entry("POST", "https://api.shop.com/login", json({ user: "ann", password }), {
              content: { mimeType: "application/json", text: JSON.stringify({ access_token: token }) },
            }),
            entry("GET", `https://api.shop.com/items?page=2&t=${token}&f=${csrf}`, {
              headers: [
                { name: "Authorization", value: `Bearer ${token}` },
                { name: "x-tenant", value: "t{{1}}" },
                { name: "X-Session-Id", value: "visit-4711" },
              ],
            }),
            entry("GET", `https://www.shop.com/s/${sid}/v?j=${jwt}`),
            entry("POST", "https://tracker.net/collect"),
          ],
        },
      }),
    );
    for (const secret of SECRETS) expect(written).not.toContain(secret);
    expect(written).not.toMatch(/cookie:/i);
    expect(Object.keys(rest)).toEqual(["shop", "shop_2", "tracker"]);
    expect([rest.tracker.enabled, rest.shop.endpoints[1].enabled]).toEqual([false, false]);
    expect(rest.shop_2.endpoints).toMatchObject([
      { json: { user: "ann", password: "${PASSWORD:-change-me}" }, enabled: false },
      {
        query: { page: "2" },
        headers: {
          Authorization: "${AUTHORIZATION:-change-me}",
          "x-tenant": "t\\{{1}}",
          "X-Session-Id": "${X_SESSION_ID:-change-me}",
        },
      },
    ]);
  });

  it.each([
    [
      "curl https://a.example.com/x?y=1 -H 'Accept: text/html' --compressed",
      { method: "GET", path: "/x", query: { y: "1" }, headers: { Accept: "text/html" } },
    ],
    [
      `curl -sS -X PUT "http://a.example.com/x" \\\n  -H "Authorization: Bearer abc" --data-raw $'{"a":"it\\'s"}' -H 'content-type: application/json'`,
      {
        method: "PUT",
        path: "/x",
        json: { a: "it's" },
        headers: { Authorization: "${AUTHORIZATION:-change-me}" },
        enabled: false,
      },
    ],
    ["curl -G http://a.example.com/s -d q=1 -d 'r=a b'", { method: "GET", path: "/s", query: { q: "1", r: "a b" } }],
    [
      "curl a.example.com -d n=1 -d token=abcdef",
      { method: "POST", path: "/", form: { n: "1", token: "${TOKEN:-change-me}" }, enabled: false },
    ],
    ["curl -I -u ann:secret1 a.example.com/x", { method: "HEAD", path: "/x" }],
  ])("of %s has that call", async (text, endpoint) => {
    const { rest, written } = await configOf(text);
    expect(rest.a.endpoints.at(-1)).toEqual(endpoint);
    expect(written).not.toContain("secret1");
  });

  it("of nothing, and of a plain address, is sound", async () => {
    for (const draft of [EMPTY, fromUrl("http://127.0.0.1:8080/a?b=1")]) {
      const text = configText(draft, "x");
      const plan = await loadPlan({
        file: "/c.yaml",
        text,
        env: {},
        protocols,
        criteria,
        flags: {},
        readable: () => true,
      });
      expect(plan.scenarios[0]!.services[0]!.endpoints).toHaveLength(1);
    }
  });

  it("is made of nothing else", () => {
    expect(fromText("hello: world", null)).toBeNull();
    expect(fromText("{ broken", null)).toBeNull();
    expect(() => fromText('{"openapi":"3.0.0","paths":{}}', null)).toThrow(NoConfig);
    expect(() => fromText("curl -X POST", null)).toThrow(/names no URL/);
  });
});
