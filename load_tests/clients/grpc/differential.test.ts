import type { ServerHttp2Stream } from "node:http2";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DRIVERS, type Driver } from "../../core/model.ts";
import type { Client } from "../../core/plugin.ts";
import { drive, openClient, type Seen, testUser } from "../contract.ts";
import type { TestServer } from "../loopback.ts";
import { http2Server } from "../raw_http2.ts";
import { framed } from "./fast/messages.ts";
import { echoProto } from "./fixture.ts";
import { grpc } from "./index.ts";
import { HEADERS, MESSAGE } from "./misbehaviours.ts";

type Trailers = Readonly<Record<string, string | string[]>>;
const OK: Trailers = { "grpc-status": "0" };

/** What a server does with a call. */
interface Play {
  readonly head?: Readonly<Record<string, string | number | string[]>>;
  readonly chunks?: readonly Buffer[];
  /** In place of content and trailers, in one frame with the head. */
  readonly only?: boolean;
  readonly trailers?: Trailers | null;
  /** In place of an end. */
  readonly reset?: number;
}

function perform(stream: ServerHttp2Stream, { head = {}, chunks = [], only, trailers = OK, reset }: Play): void {
  const first = { ...HEADERS, ...head };
  if (only) {
    stream.respond({ ...first, ...trailers } as never, { endStream: true });
    return;
  }
  stream.respond(first as never, { waitForTrailers: trailers !== null });
  if (trailers !== null) stream.once("wantTrailers", () => stream.sendTrailers(trailers as never));
  let left = chunks.length;
  const next = (): void => {
    const chunk = chunks[chunks.length - left--];
    if (chunk !== undefined) stream.write(chunk, () => setImmediate(next));
    else if (reset === undefined) stream.end();
    else stream.close(reset);
  };
  next();
}

let play: Play = {};
let server: TestServer;
const clients = new Map<Driver, Client>();

const CHECKED = ["header:x-word", "header:x-raw-bin", "header:set-cookie"];
const CALL = { message: { user: "u" } };

beforeAll(async () => {
  server = await http2Server(null, ({ stream }) => perform(stream, play));
  for (const driver of DRIVERS)
    clients.set(
      driver,
      await openClient(grpc, {
        host: server.address,
        driver,
        proto: echoProto,
        max_message_size: "10KB",
        calls: [
          { ...CALL, method: "demo.echo.Echo/Say" },
          { ...CALL, method: "demo.echo.Echo/Hear", name: "stream" },
          ...CHECKED.map((header) => ({
            ...CALL,
            method: "demo.echo.Echo/Say",
            name: header,
            checks: [`${header} == word`],
          })),
        ],
      }),
    );
});
afterAll(async () => {
  for (const client of clients.values()) await client.close();
  await server.close();
});

/** All that a user can tell of a call; chunks come as the wire cuts them. */
const told = ({ op, outcome, status, message, items, sent, received, size, json, text }: Seen) => ({
  ...{ op, outcome, status, message, items, sent, received, size, json, text },
});

/** The same of both drivers, for every op. */
async function both(what: Play): Promise<ReturnType<typeof told>[]> {
  play = what;
  const [fast, reference] = await Promise.all(
    DRIVERS.map(async (driver) => {
      const seen = [];
      for (const op of clients.get(driver)!.ops) seen.push(told(await drive(op, testUser(0), { timeout: 2000 })));
      return seen;
    }),
  );
  expect(fast).toEqual(reference);
  return fast!;
}

const message = (text: string): Buffer => framed(Buffer.from([0x0a, text.length, ...Buffer.from(text)]), false);
const zipped = (bytes: Buffer): Buffer => framed(gzipSync(bytes), true);

describe("both drivers say the same of a call, in the same words", () => {
  const html = { "content-type": "text/html" };
  test.each<[string, Play]>([
    ["an answer", { chunks: [MESSAGE] }],
    ["an answer cut into its bytes", { chunks: [...MESSAGE].map((octet) => Buffer.from([octet])) }],
    ["an empty message", { chunks: [framed(Buffer.alloc(0), false)] }],
    ["OK and no answer", {}],
    ["trailers only: OK", { only: true }],
    ["trailers only: an error", { only: true, trailers: { "grpc-status": "5", "grpc-message": "not%20here" } }],
    ["trailers only: no status", { only: true, trailers: {} }],
    ["a status after an answer", { chunks: [MESSAGE], trailers: { "grpc-status": "13", "grpc-message": "half" } }],
    ["a status of no number", { only: true, trailers: { "grpc-status": "no", "grpc-message": "a" } }],
    ["a message that is no percent-encoding", { only: true, trailers: { "grpc-status": "3", "grpc-message": "100%" } }],
    ["a message of Unicode", { only: true, trailers: { "grpc-status": "3", "grpc-message": "%C3%A9%F0%9F%98%80" } }],
    ["a limit said in words", { only: true, trailers: { "grpc-status": "2", "grpc-message": "rate limit exceeded" } }],
    ["no trailers", { chunks: [MESSAGE], trailers: null }],
    ["trailers that say no status", { chunks: [MESSAGE], trailers: { "x-word": "word" } }],
    ["a status twice", { chunks: [MESSAGE], trailers: { "grpc-status": ["0", "13"] } }],
    ["a message of status twice", { only: true, trailers: { "grpc-status": "3", "grpc-message": ["one", "two"] } }],
    ["a message longer than may be", { chunks: [framed(Buffer.alloc(10_241), false)] }],
    [
      "the longest message that may be",
      { chunks: [framed(Buffer.from([0x32, 0xfd, 0x4f, ...Buffer.alloc(10_237)]), false)] },
    ],
    ["a message that cannot be decoded", { chunks: [framed(Buffer.from([0x7f, 1]), false)] }],
    ["a zipped message", { head: { "grpc-encoding": "gzip" }, chunks: [zipped(MESSAGE.subarray(5))] }],
    [
      "a zipped message that grows too large",
      { head: { "grpc-encoding": "gzip" }, chunks: [zipped(Buffer.alloc(200_000))] },
    ],
    ["what is no zip", { head: { "grpc-encoding": "gzip" }, chunks: [framed(Buffer.from("no"), true)] }],
    ["an unknown compression", { head: { "grpc-encoding": "lzw" }, chunks: [framed(Buffer.from("no"), true)] }],
    ["a page", { head: html, chunks: [Buffer.from("<p>hello there</p>")], trailers: null }],
    [
      "a page of status 404",
      { head: { ...html, ":status": 404 }, chunks: [Buffer.from("<p>hello there</p>")], trailers: null },
    ],
    ...[100, 200, 302, 400, 401, 403, 404, 429, 500, 502, 503, 504]
      .filter((code) => code >= 200)
      .map((code): [string, Play] => [
        `HTTP status ${code} and no word of gRPC`,
        { only: true, head: { ":status": code }, trailers: {} },
      ]),
    [
      "metadata in the head",
      { head: { "x-word": "word", "set-cookie": ["word", "b"], "x-raw-bin": "d29yZA==" }, chunks: [MESSAGE] },
    ],
    ["metadata in the trailers", { chunks: [MESSAGE], trailers: { ...OK, "x-word": "word", "x-raw-bin": "d29yZA" } }],
    ["metadata twice", { head: { "x-word": ["wo", "rd"], "x-raw-bin": ["d29yZA==", "AAAA"] }, chunks: [MESSAGE] }],
    ...[1, 2, 3, 5, 7, 8, 9, 11, 12, 13].map((code): [string, Play] => [
      `RST_STREAM ${code}`,
      { trailers: null, reset: code },
    ]),
    ["RST_STREAM 2 after an answer", { chunks: [MESSAGE], trailers: null, reset: 2 }],
  ])("%s", async (_, what) => {
    await both(what);
  });

  test("streams of any messages, cut anywhere", async () => {
    const texts = fc.array(fc.stringMatching(/^[a-z]{0,100}$/), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(), { maxLength: 5 }), async (words, places) => {
        const bytes = Buffer.concat(words.map(message));
        const cuts = [0, ...places.map((place) => place % bytes.length).sort((a, b) => a - b), bytes.length];
        play = { chunks: cuts.slice(1).map((place, index) => bytes.subarray(cuts[index], place)) };
        const [fast, reference] = await Promise.all(
          DRIVERS.map((driver) => drive(clients.get(driver)!.ops[1]!, testUser(0))),
        );
        expect(told(fast!)).toEqual(told(reference!));
        expect(fast!.items).toBe(words.length);
      }),
      { numRuns: 40 },
    );
  });
});

describe("where our own driver knows better", () => {
  const [unary, stream] = [0, 1];
  const of = (driver: Driver, op: number, timeout = 2000) =>
    drive(clients.get(driver)!.ops[op]!, testUser(0), { timeout });

  test("OK within a message is no answer; grpc-js passes over what is cut", async () => {
    const cut = { outcome: "invalid", status: "OK", message: "the service said OK within a message" };
    play = { chunks: [MESSAGE, MESSAGE.subarray(0, 7)] };
    expect(await of("fast", stream)).toMatchObject({ ...cut, items: 1 });
    expect(await of("reference", stream)).toMatchObject({ outcome: "ok", items: 1 });
    play = { chunks: [MESSAGE.subarray(0, 7)] };
    expect(await of("fast", unary)).toMatchObject(cut);
    expect(await of("reference", unary)).toMatchObject({ ...cut, message: "the service said OK and sent no answer" });
  });

  test("an empty status is none; grpc-js takes it for OK", async () => {
    play = { chunks: [MESSAGE], trailers: { "grpc-status": "" } };
    expect(await of("fast", unary)).toMatchObject({ outcome: "invalid", status: "UNKNOWN" });
    expect(await of("reference", unary)).toMatchObject({ outcome: "ok" });
  });

  test("two answers to one call are not one; grpc-js waits for ever", async () => {
    play = { chunks: [MESSAGE, MESSAGE] };
    const two = { outcome: "invalid", message: "the service sent 2 answers to one call" };
    expect(await of("fast", unary)).toMatchObject(two);
    expect(await of("reference", unary, 300)).toMatchObject({ outcome: "timeout" });
  });
});
