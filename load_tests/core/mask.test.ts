import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMask, isHarmless, isSecretKey, maskDeep } from "./mask.ts";

const SECRET = 'p@ss/w"ör d+1?x';

describe("text", () => {
  it.each([
    ["as it is", SECRET],
    ["in a query", encodeURIComponent(SECRET)],
    ["in a form", new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ["in a query in lower case", encodeURIComponent(SECRET).toLowerCase()],
    ["in a path", encodeURI(SECRET)],
    ["in JSON", JSON.stringify(SECRET).slice(1, -1)],
    ["in ASCII JSON", JSON.stringify(SECRET).slice(1, -1).replace("ö", "\\u00f6")],
    ["in base64", Buffer.from(SECRET).toString("base64")],
    ["in base64url", Buffer.from(SECRET).toString("base64url")],
  ])("hides a secret %s", (_, form) => {
    expect(createMask([SECRET]).text(`before ${form} after`)).toBe("before *** after");
  });

  it.each(["", "u", "us", "user:"])("hides a secret in base64 behind %j", (before) => {
    const text = Buffer.from(`${before}${SECRET}`).toString("base64");
    const shown = createMask([SECRET]).text(`Basic ${text}.`);
    expect(shown).toContain("***");
    expect(Buffer.from(shown.slice(6), "base64").toString()).not.toContain('w"');
    expect(shown.length).toBeLessThan("Basic ".length + 4 + 8);
  });

  it("hides every secret wherever it stands, and nothing of it is left", () => {
    const secret = fc.string({ minLength: 3, maxLength: 12 }).filter((s) => !s.includes("*"));
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(fc.string()), (secrets, around) => {
        const text = around.flatMap((piece, i) => [piece, secrets[i % secrets.length]!]).join("");
        const shown = createMask(secrets).text(text);
        for (const each of secrets) expect(shown.replaceAll("***", "\u0000")).not.toContain(each);
      }),
    );
  });

  it("takes the longest first, so that no tail of a longer one is left", () => {
    expect(createMask(["abc", "abcdef"]).text("abcdef abc")).toBe("*** ***");
  });

  it("takes characters that mean something in patterns as they are", () => {
    expect(createMask(["a.*b", "$&$1"]).text("axxb a.*b $&$1")).toBe("axxb *** ***");
  });

  it("leaves secrets of fewer than three characters alone", () => {
    expect(createMask(["", "a", "ab"]).text("a ab abc")).toBe("a ab abc");
  });

  it("learns secrets while the run goes on", () => {
    const mask = createMask([]);
    expect(mask.text("token-123")).toBe("token-123");
    mask.add("token-123");
    mask.add("token-123");
    expect(mask.text("a token-123 b")).toBe("a *** b");
  });

  it("keeps those it was given and the newest that it learned, and forgets old ones", () => {
    const mask = createMask(["given-secret"], 100);
    mask.add("first-secret");
    for (let i = 0; i < 250; i++) {
      mask.add("again-secret");
      mask.add(`token-${i}`);
    }
    expect(mask.text("first-secret")).toBe("first-secret");
    for (let i = 150; i < 250; i++) expect(mask.text(`a token-${i}!`)).toBe("a ***!");
    expect(mask.text("given-secret again-secret")).toBe("*** ***");
  });

  it("gives a text without secrets back as it is", () => {
    fc.assert(fc.property(fc.string(), (text) => createMask(["\u0001\u0002\u0003"]).text(text) === text));
  });

  it("takes 50,000 tokens with the same beginning", () => {
    const mask = createMask([]);
    for (let i = 0; i < 50_000; i++) mask.add(`eyJhbGciOiJIUzI1NiJ9.${i.toString(36).padStart(6, "0")}`);
    expect(mask.text("eyJhbGciOiJIUzI1NiJ9.000uv4 and eyJhbGciOiJIUzI1NiJ9.x")).toBe("*** and eyJhbGciOiJIUzI1NiJ9.x");
  });

  it("takes secrets that are no proper Unicode", () => {
    expect(createMask(["ab\ud800cd"]).text("ab\ud800cd")).toBe("***");
  });
});

describe("keys", () => {
  it.each([
    "token",
    "Token",
    "access_token",
    "accessToken",
    "tokens",
    "refresh-token",
    "password",
    "PASSWORD",
    "db_password",
    "passwd",
    "pwd",
    "pass",
    "secret",
    "client_secret",
    "clientSecret",
    "cookie",
    "Set-Cookie",
    "api-key",
    "api_key",
    "apikey",
    "apiKey",
    "X-API-Key",
    "x-api-key",
    "Authorization",
    "Proxy-Authorization",
    "bearer",
    "CLIENT_SECRET",
    "session.token",
    "accesstoken",
    "refresh_tokens",
    "csrfmiddlewaretoken",
    "x-csrf",
    "Set-Cookie",
    "secretkey",
    "user passwords",
  ])("%s names a secret", (key) => expect(isSecretKey(key)).toBe(true));

  it.each([
    "max_tokens",
    "pass_rate",
    "maxTokens",
    "prompt_tokens",
    "total_tokens",
    "tokens_per_second",
    "tokens_generated",
    "generatedTokens",
    "token_count",
    "token_type",
    "tokenizer",
    "secretary",
    "name",
    "key",
    "host",
    "api",
    "auth",
    "user",
  ])("%s names none", (key) => expect(isSecretKey(key)).toBe(false));
});

describe("a value", () => {
  it("is copied with every string masked and all under a secret's key gone", () => {
    const value = {
      url: "http://x/?t=abc123",
      headers: { Authorization: "Basic xyz", Accept: "json" },
      auth: { login: { token: "$.access_token", json: { password: 1234, user: "{{user.id}}" } } },
      "key-abc123": [1, null, true, "abc123"],
      max_tokens: 128,
      token: "{{sent.token}}",
      cookie: { a: "b" },
      secret: null,
    };
    const before = structuredClone(value);
    expect(maskDeep(value, createMask(["abc123"]))).toEqual({
      url: "http://x/?t=***",
      headers: { Authorization: "***", Accept: "json" },
      auth: { login: { token: "$.access_token", json: { password: "***", user: "{{user.id}}" } } },
      "key-***": [1, null, true, "***"],
      max_tokens: 128,
      token: "{{sent.token}}",
      cookie: "***",
      secret: null,
    });
    expect(value).toEqual(before);
  });

  it.each(["$ecret.x", "$.a b", "{{user.id}}-hunter2", "Bearer {{t}}", "{{'hunter2'}}"])(
    "is hidden under a secret's key where it is more than a reference: %s",
    (value) => expect(maskDeep({ token: value }, createMask([])).token).toBe("***"),
  );

  it("is shown under `tokens` where it is a count", () => {
    const answer = { tokens: 128, usage: { tokens_generated: 7 }, auth: { tokens: ["abc"] } };
    expect(maskDeep(answer, createMask([]))).toEqual({ ...answer, auth: { tokens: "***" } });
  });

  it("keeps bytes and other objects as they are", () => {
    const bytes = new Uint8Array([1, 2]);
    const at = new Date(0);
    expect(maskDeep({ bytes, at }, createMask(["abc"]))).toEqual({ bytes, at });
  });

  it("loses no keys: JSON without secrets comes back equal", () => {
    const clean = fc
      .jsonValue()
      .filter((json) => !/token|passw|secret|cookie|auth|cred|bearer|api/i.test(JSON.stringify(json)));
    fc.assert(
      fc.property(clean, (json) => {
        expect(maskDeep(json, createMask(["\u0001\u0002\u0003"]))).toEqual(json);
      }),
    );
  });
});

describe("a JSON text that is called harmless", () => {
  const word = fc.constantFrom(
    "token",
    "Pass",
    "wd",
    "api",
    "_",
    "-",
    "Key",
    "key",
    "secret",
    "COOKIE",
    "count",
    "\u212a",
    "a",
  );
  const key = fc.array(word, { maxLength: 5 }).map((words) => words.join(""));
  const value = fc.oneof(fc.integer(), fc.constantFrom("hush-hush", "plain", "ä"), fc.boolean());

  it("is what masking leaves as it is", () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value)), (pairs) => {
        const mask = createMask(["hush-hush"]);
        const text = JSON.stringify([Object.fromEntries(pairs)]);
        fc.pre(isHarmless(text, mask));
        expect(JSON.stringify(maskDeep(JSON.parse(text), mask))).toBe(text);
      }),
      { numRuns: 500 },
    ));

  it("is an ordinary answer, and none with a secret or a secret's key, however they are written", () => {
    const mask = createMask(["hush-hush"]);
    const harmless = (text: string) => isHarmless(text, mask);
    expect(['{"id":12,"name":"x"}', '["a"]'].map(harmless)).toEqual([true, true]);
    expect(['{"id":"hush-hush"}', '{"token":1}', '{"X-Api-Key":1}', '{"\\u0074oken":1}'].map(harmless)).toEqual([
      ...[false, false, false, false],
    ]);
  });
});
