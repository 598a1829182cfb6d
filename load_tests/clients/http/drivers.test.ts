import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import type { Op } from "../../core/plugin.ts";
import { integer, randomStream } from "../../core/random.ts";
import { type Certificate, type Certificates, makeCertificates } from "../certificates.ts";
import { until } from "../contract.ts";
import { drive, lateWords, openClient, type Seen, testUser } from "../contract_driver.ts";
import type { TestServer } from "../loopback.ts";
import { rawServer } from "./fixture.ts";
import { rest } from "./index.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const TWO = `${OK}content-length: 2\r\n`;
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const GZIPPED = gzipSync('{"a":1}').toString("latin1");

/** What a server does to a request: what it writes, in pieces, and how it takes its leave. */
interface Deed {
  readonly pieces: readonly string[];
  readonly after: "stays" | "closes" | "resets";
}

const says = (...pieces: string[]): Deed => ({ pieces, after: "stays" });
const closes = (...pieces: string[]): Deed => ({ pieces, after: "closes" });
const resets = (...pieces: string[]): Deed => ({ pieces, after: "resets" });
const every = (text: string): Deed => says(...text);

const DEEDS: Readonly<Record<string, Deed>> = {
  plain: says(`${TWO}\r\nhi`),
  "in two writes": says(TWO, "\r\nhi"),
  "a byte at a time": every(`${TWO}x: y\r\n\r\nhi`),
  "chunks a byte at a time": every(`${CHUNKED}1\r\nh\r\n1;x=y\r\ni\r\n0\r\nx: y\r\n\r\n`),
  "many chunks": says(CHUNKED, `${"a\r\n0123456789\r\n".repeat(500)}`, "0\r\n\r\n"),
  "more than one read": says(`${OK}content-length: 300000\r\n\r\n`, "x".repeat(300_000)),
  "no body": says(`${OK}content-length: 0\r\n\r\n`),
  "204": says("HTTP/1.1 204 No Content\r\n\r\n"),
  "304": says("HTTP/1.1 304 Not Modified\r\n\r\n"),
  "404 with words": says("HTTP/1.1 404 Not H\xc3\xa9re\r\ncontent-length: 4\r\n\r\ngone"),
  "429": says("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n"),
  "503 to the end": closes("HTTP/1.1 503 No\r\n\r\nlater"),
  "no reason": says("HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nhi"),
  hints: says("HTTP/1.1 103 Early Hints\r\nx-mark: no\r\n\r\n", `${TWO}x-mark: yes\r\n\r\nhi`),
  gzip: says(`${OK}content-encoding: gzip\r\ncontent-length: ${GZIPPED.length}\r\n\r\n${GZIPPED}`),
  "an odd header": says(`${TWO}X-Mark: \t caf\xe9 \t\r\nx-mark: again\r\n\r\nhi`),
  cookie: says(`${TWO}Set-Cookie: id=1; Path=/\r\nset-cookie: b=2\r\n\r\nhi`),
  redirect: says("HTTP/1.1 302 Found\r\nlocation: /plain\r\ncontent-length: 4\r\n\r\nover"),
  "redirect and close": closes("HTTP/1.1 303 See\r\nconnection: close\r\nlocation: /plain\r\n\r\nover"),
  "a circle": says("HTTP/1.1 302 Found\r\nlocation: /a%20circle\r\ncontent-length: 0\r\n\r\n"),
  "until the connection ends": closes(OK, "\r\n", "hi"),
  "HTTP/1.0": closes("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi"),
  "HTTP/1.0 keeps": says("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nhi"),
  "close said": closes(`${TWO}connection: close\r\n\r\nhi`),
  "close said, not done": says(`${TWO}connection: close\r\n\r\nhi`),
  "close not said": closes(`${TWO}\r\nhi`),
  "kept for no time": says(`${TWO}keep-alive: timeout=1\r\n\r\nhi`),
  "kept for a while": says(`${TWO}keep-alive: timeout=5, max=100\r\n\r\nhi`),
  "two answers": says(`${TWO}\r\nhi${TWO}\r\nho`),
  "garbage behind": says(`${TWO}\r\nhi###`),
  "empty lines behind": says(`${TWO}\r\nhi\r\n\r\n`),
  "another protocol": says("220 smtp.example.com ESMTP\r\n"),
  "another protocol to the end": closes("+OK POP3 server ready\r\n"),
  "bare line feeds": says("HTTP/1.1 200 OK\ncontent-length: 2\n\nhi"),
  "two lengths": says(`${TWO}content-length: 3\r\n\r\nab`),
  "a length and a coding": says(`${TWO}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
  "a length that is none": says(`${OK}content-length: 2x\r\n\r\nhi`),
  "a folded header": says(`${TWO}x: a\r\n b\r\n\r\nhi`),
  "a control character": says(`${TWO}x: a\x01b\r\n\r\nhi`),
  "huge headers": says(OK, `x: ${"y".repeat(4000)}\r\n`.repeat(5), "\r\n"),
  "a size that is none": says(`${CHUNKED}2\r\nhi\r\nzz\r\n`),
  "more than the chunk": says(`${CHUNKED}2\r\nhi!\r\n`),
  "a switch": says("HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
  "closed at once": closes(),
  "closed in the head": closes(`${OK}content-le`),
  "closed in the body": closes(`${OK}content-length: 10\r\n\r\nhalf`),
  "closed in the body, said": closes(`${OK}connection: close\r\ncontent-length: 10\r\n\r\nhalf`),
  "closed in a chunk": closes(`${CHUNKED}5\r\nha`),
  "closed in a chunk, said": closes(`${OK}connection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nha`),
  "reset at once": resets(),
  silence: says(),
  "half and silence": says(`${OK}content-length: 10\r\n\r\nhalf`),
};
const NAMES = Object.keys(DEEDS);
const WAITS = new Set(["silence", "half and silence"]);

/** Each piece in a write of its own, which the other side mostly reads as such. */
async function perform({ pieces, after }: Deed, socket: Socket): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    await new Promise((written) => socket.write(piece, "latin1", written));
  }
  if (after === "closes") socket.end();
  if (after === "resets") socket.resetAndDestroy();
}

interface Scripted extends TestServer {
  readonly asked: string[];
  /** Whether all connections are closed that it wanted to close. */
  hasLeft(): boolean;
}

/** A server that does what a request's path names, and writes down what it was asked. */
async function scripted(certificate?: Certificate["pem"]): Promise<Scripted> {
  const asked: string[] = [];
  const left: Socket[] = [];
  const respond = (socket: Socket, request: string) => {
    const [, method, path] = /^(\S+) \/(\S*)/.exec(request)!;
    asked.push(request);
    const deed = DEEDS[decodeURIComponent(path!)]!;
    const [text = ""] = deed.pieces;
    if (deed.after !== "stays") left.push(socket);
    if (method === "HEAD") void perform(says(text.slice(0, text.indexOf("\r\n\r\n") + 4)), socket);
    else void perform(deed, socket);
  };
  const server = await rawServer(respond, () => {}, certificate);
  return { ...server, asked, hasLeft: () => left.every(({ destroyed }) => destroyed) };
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  expect(lateWords.splice(0)).toEqual([]);
});

const endpoint = (more: object) => ({ path: "/{{iteration}}", ...more });
const ENDPOINTS = [
  endpoint({ name: "get" }),
  endpoint({ name: "head", method: "HEAD" }),
  endpoint({ name: "post", method: "POST", json: { a: "{{iteration}}", b: "\u20ac" } }),
  endpoint({ name: "plain post", method: "POST", body: "x".repeat(3000), checks: ["body contains h"] }),
  endpoint({ name: "delete", method: "DELETE", headers: { "x-own": "{{user.id}}", host: "elsewhere" } }),
];

/** What is the same with every driver: all but times, and in which words a failure is told. */
const essence = ({ order: _order, told, message, ...seen }: Seen) => ({
  ...seen,
  message: seen.outcome === "ok" || seen.status.length === 3 ? message : message !== "",
  told: told.map(([name]) => name),
});

/** The op, and what its answers say of a header. */
const watched = (op: Op, marks: (string | undefined)[]): Op => ({
  ...op,
  start: (user, values, call) => {
    const { end } = call;
    call.end = (...words) => {
      marks.push(words[2]?.header("X-Mark"));
      end(...words);
    };
    op.start(user, values, call);
  },
});

/** The name of a deed and the number of an endpoint. */
type Calls = readonly (readonly [string, number])[];

interface Setting {
  readonly config?: object;
  readonly certificates?: Certificates;
}

interface Played {
  readonly seen: readonly object[];
  readonly marks: readonly (string | undefined)[];
  readonly asked: readonly string[];
  readonly accepted: number;
}

/** Calls one after the other. */
async function play(driver: string, calls: Calls, { config = {}, certificates }: Setting): Promise<Played> {
  const server = await scripted(certificates?.good.pem);
  const endpoints = ENDPOINTS.map((each) => ({ ...each }));
  const secured =
    certificates === undefined
      ? { host: server.address }
      : { host: `https://${server.address}`, tls: { ca: certificates.authority.cert } };
  const client = await openClient(rest, {
    ...secured,
    driver,
    connections: "per_user",
    endpoints,
    ...config,
  });
  closing.push(server.close, () => client.close());
  const user = testUser(0);
  const seen: object[] = [];
  const marks: (string | undefined)[] = [];
  for (const [name, index] of calls) {
    const cut = { iteration: name as unknown as number, timeout: WAITS.has(name) ? 500 : 10_000 };
    seen.push({ name, ...essence(await drive(watched(client.ops[index]!, marks), user, cut)) });
    // What the next call would meet else is a matter of chance.
    await until("what the server closed is gone", server.hasLeft);
  }
  const asked = server.asked.map((request) => request.replaceAll(server.address, "HERE"));
  return { seen, marks, asked, accepted: server.accepted() };
}

async function playedAlike(calls: Calls, setting: Setting = {}): Promise<Played> {
  const [fast, reference] = await Promise.all([play("fast", calls, setting), play("reference", calls, setting)]);
  expect(fast.seen).toEqual(reference.seen);
  expect(fast.marks).toEqual(reference.marks);
  expect(fast.asked).toEqual(reference.asked);
  expect(fast.accepted).toBe(reference.accepted);
  return fast;
}

describe("both drivers make the same of", () => {
  test.each(NAMES)("%s, and of what they do next", async (name) => {
    await playedAlike([
      [name, 0],
      ["plain", 0],
      [name, 2],
      ["plain", 2],
    ]);
  });

  test("what is asked without a body, and with one that goes in parts", async () => {
    await playedAlike([1, 3, 4].flatMap((index) => ["plain", "404 with words"].map((name) => [name, index] as const)));
  });

  test.each([
    [200, "per_user"],
    [60, "per_request"],
  ])("%i calls of all sorts (%s)", async (count, connections) => {
    const random = randomStream(11);
    const quick = NAMES.filter((name) => !WAITS.has(name) && name !== "more than one read");
    const calls = Array.from({ length: count }, () => {
      const name = quick[integer(random, 0, quick.length - 1)]!;
      return [name, [0, 0, 2, 3, 4][integer(random, 0, 4)]!] as const;
    });
    const { seen } = await playedAlike(calls, { config: { connections, redirects: 3 } });
    expect(new Set(seen.map((each) => (each as Seen).outcome)).size).toBeGreaterThan(5);
  });

  test("what comes over TLS", async () => {
    const certificates = makeCertificates();
    closing.push(async () => certificates.remove());
    const calls = NAMES.filter((name) => !WAITS.has(name) && DEEDS[name]!.after !== "resets").map(
      (name) => [name, 0] as const,
    );
    const { accepted } = await playedAlike(calls, { certificates });
    expect(accepted).toBeGreaterThan(10);
  });
});
