import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { drive, openClient, testUser } from "../contract_driver.ts";
import { decode } from "./decode.ts";
import { httpServer } from "./fixture.ts";
import { rest } from "./index.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const TEXT = JSON.stringify({ id: 7, filler: "x".repeat(5000) });

async function call(body: Buffer, headers: Record<string, string>, config: object = {}) {
  let accepted: unknown;
  const server = await httpServer((request, response) => {
    accepted = request.headers["accept-encoding"];
    response.writeHead(200, headers).end(body);
  });
  const endpoints = [{ path: "/", checks: ["$.id == 7"] }];
  const client = await openClient(rest, { host: server.address, endpoints, ...config });
  closing.push(server.close, () => client.close());
  return { seen: await drive(client.ops[0]!, testUser(0)), accepted };
}

describe("a compressed answer", () => {
  test.each([
    ["gzip", gzipSync(TEXT)],
    ["x-gzip", gzipSync(TEXT)],
    ["GZIP", gzipSync(TEXT)],
    ["br", brotliCompressSync(TEXT)],
    ["deflate", deflateSync(TEXT)],
    ["deflate", deflateRawSync(TEXT)],
    ["gzip, br", brotliCompressSync(gzipSync(TEXT))],
    ["identity", Buffer.from(TEXT)],
  ])("is read by checks as what it says (%s), and counted as it came", async (coding, body) => {
    const { seen } = await call(body, { "content-encoding": coding }, { compression: true });
    expect(seen).toMatchObject({ outcome: "ok", size: body.length, text: TEXT });
  });

  test("is asked for only on request, and the config's own header goes first", async () => {
    const plain = Buffer.from(TEXT);
    expect((await call(plain, {})).accepted).toBeUndefined();
    expect((await call(plain, {}, { compression: true })).accepted).toBe("gzip, deflate, br");
    const own = { compression: true, headers: { "Accept-Encoding": "br" } };
    expect((await call(plain, {}, own)).accepted).toBe("br");
  });

  test("that is not what it says fails the check, and nothing else", async () => {
    const { seen } = await call(Buffer.from("no gzip"), { "content-encoding": "gzip" });
    expect(seen).toMatchObject({ outcome: "invalid", status: "200", text: "no gzip" });
  });
});

test("the beginning of a stream gives the beginning of the content", () => {
  const text = Array.from({ length: 20_000 }, (_, i) => String(Math.sin(i))).join(" ");
  for (const [coding, bytes] of [
    ["gzip", gzipSync(text)],
    ["br", brotliCompressSync(text)],
    ["deflate", deflateSync(text)],
  ] as const) {
    const begun = decode(bytes.subarray(0, bytes.length >> 1), coding, 1000)!.toString();
    expect(begun).toBe(text.slice(0, 1000));
  }
});

test("what would unfold to more than 16 MB is not decoded", () => {
  expect(decode(gzipSync(Buffer.alloc(17 * 1024 * 1024)), "gzip", 100)).toBeUndefined();
});
