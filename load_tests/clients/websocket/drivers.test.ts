import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { integer, randomStream } from "../../core/random.ts";
import { type Certificates, makeCertificates } from "../certificates.ts";
import { until } from "../contract.ts";
import { drive, lateWords, openClient, type Seen, testUser } from "../contract_driver.ts";
import { listening, type TestServer } from "../loopback.ts";
import { websocket } from "./index.ts";

/** What a server writes, in pieces, when a message has come, and how it takes its leave. */
interface Deed {
  readonly pieces: readonly Buffer[];
  readonly after: "stays" | "closes" | "resets";
}

const bytes = (...parts: readonly (number | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part]))));
const says = (...pieces: Buffer[]): Deed => ({ pieces, after: "stays" });
const closes = (...pieces: Buffer[]): Deed => ({ pieces, after: "closes" });
const resets = (...pieces: Buffer[]): Deed => ({ pieces, after: "resets" });
const slowly = (piece: Buffer): Deed => says(...Array.from(piece, (_, at) => piece.subarray(at, at + 1)));
const HI = bytes(0x81, 2, "hi");
const LONG = bytes(0x81, 127, 0, 0, 0, 0, 0, 4, 0x93, 0xe0, "x".repeat(300_000));

const DEEDS: Readonly<Record<string, Deed>> = {
  plain: says(HI),
  "a byte at a time": slowly(HI),
  "a long one": says(LONG),
  "a long one, parted in its head": says(LONG.subarray(0, 5), LONG.subarray(5)),
  "one of 16 bits": says(bytes(0x81, 126, 1, 0, "y".repeat(256))),
  "one of 16 bits, slowly": slowly(bytes(0x81, 126, 1, 0, "y".repeat(256))),
  bytes: says(bytes(0x82, 3, 0, 255, 1)),
  empty: says(bytes(0x81, 0)),
  "two answers": says(Buffer.concat([HI, bytes(0x81, 2, "ho")])),
  fragments: says(bytes(0x01, 1, "h"), bytes(0x80, 1, "i")),
  "fragments with a ping and a pong between": says(
    bytes(0x01, 1, "h", 0x89, 1, "p", 0x8a, 0),
    bytes(0x00, 0, 0x80, 1, "i"),
  ),
  "a ping before, and its pong": says(bytes(0x89, 4, "ping"), HI),
  "a ping of 125 bytes": says(bytes(0x89, 125, "p".repeat(125)), HI),
  "a pong that nobody asked for": says(bytes(0x8a, 0), HI),
  "text in UTF-8, parted in a character": says(bytes(0x01, 1, 0xc3), bytes(0x80, 1, 0xa4)),
  "a text that is no UTF-8": says(bytes(0x81, 2, 0xc3, 0x28)),
  "bytes that are no UTF-8": says(bytes(0x82, 2, 0xc3, 0x28)),
  "a masked frame": says(bytes(0x81, 0x82, 1, 2, 3, 4, 5, 6)),
  "a reserved bit": says(bytes(0xc1, 2, "hi")),
  "an unknown opcode": says(bytes(0x83, 0)),
  "an unknown control opcode": says(bytes(0x8b, 0)),
  "a control frame in fragments": says(bytes(0x09, 0)),
  "a control frame too long": says(bytes(0x89, 126, 0, 126, "p".repeat(126))),
  "a continuation of nothing": says(bytes(0x80, 2, "hi")),
  "a message within a message": says(bytes(0x01, 1, "h", 0x81, 1, "i")),
  "a huge length": says(bytes(0x82, 127, 0, 0, 0, 0, 4, 0, 0, 1)),
  "an endless length": says(bytes(0x82, 127, 127, 255, 255, 255, 255, 255, 255, 255)),
  "a half frame and silence": says(bytes(0x81, 10, "half")),
  silence: says(),
  "another protocol": says(bytes("220 smtp.example.com ESMTP\r\n")),
  "garbage behind": says(Buffer.concat([HI, bytes(0xff, 0xff)])),
  "a close without a code": closes(bytes(0x88, 0)),
  "a close with a code": closes(bytes(0x88, 2, 0x03, 0xe9)),
  "a close with a reason": closes(bytes(0x88, 5, 0x0f, 0xa1, "bye")),
  "a close in two pieces": closes(bytes(0x88, 5, 0x0f), bytes(0xa1, "bye")),
  "a close that asks for patience": closes(bytes(0x88, 2, 0x03, 0xf5)),
  "a close behind the answer": closes(Buffer.concat([HI, bytes(0x88, 2, 0x03, 0xe8)])),
  "a close between fragments": closes(bytes(0x01, 1, "h", 0x88, 2, 0x03, 0xe8)),
  "a close of one byte": says(bytes(0x88, 1, 3)),
  "a close with a code that is none": says(bytes(0x88, 2, 0x03, 0xed)),
  "a close with a reason that is no UTF-8": says(bytes(0x88, 3, 0x03, 0xe8, 0xff)),
  "a hang-up": closes(),
  "a hang-up in a frame": closes(bytes(0x81, 10, "half")),
  "a hang-up behind the answer": closes(HI),
  "a reset": resets(),
};
const NAMES = Object.keys(DEEDS);
const WAITS = new Set(["silence", "a half frame and silence"]);
/** The server's last word may be lost on the way, or its farewell read before the next call begins. */
const LEAVES = (name: string): boolean => DEEDS[name]!.after !== "stays";

/** Each piece in a write of its own, which the other side mostly reads as such. */
async function perform({ pieces, after }: Deed, socket: Socket): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    await new Promise((written) => socket.write(piece, written));
  }
  if (after === "closes") socket.end();
  if (after === "resets") socket.resetAndDestroy();
}

/** Payloads of short masked frames, with their opcodes. */
function framesIn(input: Buffer): { readonly all: { opcode: number; payload: Buffer }[]; readonly rest: Buffer } {
  const all: { opcode: number; payload: Buffer }[] = [];
  let at = 0;
  while (input.length - at >= 6) {
    const length = input[at + 1]! & 0x7f;
    if (input.length - at < 6 + length) break;
    const key = input.subarray(at + 2, at + 6);
    const payload = input.subarray(at + 6, at + 6 + length).map((byte, i) => byte ^ key[i % 4]!);
    all.push({ opcode: input[at]!, payload: Buffer.from(payload) });
    at += 6 + length;
  }
  return { all, rest: input.subarray(at) };
}

interface Scripted extends TestServer {
  /** What each connection said, in its order. */
  readonly heard: string[][];
  /** Whether all connections are closed that it wanted to close. */
  hasLeft(): boolean;
}

const SWITCH = (request: string): string => {
  const key = /^sec-websocket-key: (.*)\r$/im.exec(request)![1]!;
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return `HTTP/1.1 101 Go\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`;
};

const linesOf = (request: string): string =>
  request
    .replace(/(sec-websocket-key: ).*/i, "$1KEY")
    .replace(/127\.0\.0\.1:\d+/, "HERE")
    .split("\r\n")
    .map((line, i) => (i === 0 ? line : line.replace(/^[^:]+/, (name) => name.toLowerCase())))
    .sort()
    .join("|");

/** A server that does what a message names, and writes down what it heard. */
async function scripted(certificates?: Certificates): Promise<Scripted> {
  const heard: string[][] = [];
  const left: Socket[] = [];
  const hear = (socket: Socket, words: string[], { opcode, payload }: { opcode: number; payload: Buffer }) => {
    if (opcode === 0x88) {
      words.push(`close ${payload.toString("hex")}`);
      socket.end();
      return;
    }
    words.push(`${opcode.toString(16)} ${payload}`);
    if (opcode !== 0x81) return;
    const deed = DEEDS[String(payload)]!;
    if (deed.after !== "stays") left.push(socket);
    void perform(deed, socket);
  };
  const serve = (socket: Socket) => {
    const words: string[] = [];
    let input = Buffer.alloc(0);
    let isOpen = false;
    heard.push(words);
    socket.on("end", () => socket.end()).on("error", () => {});
    socket.setNoDelay(true).on("data", (chunk) => {
      input = Buffer.concat([input, chunk]);
      const end = input.indexOf("\r\n\r\n");
      if (!isOpen && end >= 0) {
        const request = input.toString("latin1", 0, end + 2);
        isOpen = true;
        input = input.subarray(end + 4);
        words.push(linesOf(request));
        socket.write(SWITCH(request));
      }
      if (!isOpen) return;
      const { all, rest } = framesIn(input);
      input = Buffer.from(rest);
      for (const each of all) hear(socket, words, each);
    });
  };
  const server = await listening(
    certificates === undefined
      ? createServer({ allowHalfOpen: true }, serve)
      : createTlsServer({ ...certificates.good.pem, allowHalfOpen: true }, serve),
  );
  return { ...server, heard, hasLeft: () => left.every(({ destroyed }) => destroyed) };
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  expect(lateWords.splice(0)).toEqual([]);
});

/** What is the same with every driver: all but times, and in which words a failure is told. */
const essence = ({ order, message, needed, ...seen }: Seen): object => ({
  ...seen,
  order: order.filter((word) => word !== "received"),
  message: seen.outcome === "ok" || seen.status.length === 4 ? message : message !== "",
  needed: needed === null ? null : essence(needed),
});

interface Setting {
  readonly config?: object;
  readonly certificates?: Certificates;
}

interface Played {
  readonly seen: readonly object[];
  readonly heard: readonly string[][];
  readonly accepted: number;
}

/** Calls one after the other. */
async function play(driver: string, names: readonly string[], { config = {}, certificates }: Setting): Promise<Played> {
  const server = await scripted(certificates);
  const secured =
    certificates === undefined
      ? { host: `ws://me:pw@${server.address}` }
      : { host: `wss://${server.address}`, tls: { ca: certificates.authority.cert } };
  const client = await openClient(websocket, {
    ...secured,
    driver,
    path: "/a b/ä?{user_id}",
    headers: { "X-User": "{{user.index}}", "USER-AGENT": "mine" },
    messages: [{ send: "{{iteration}}" }],
    ...config,
  });
  closing.push(server.close, () => client.close());
  const user = testUser(0);
  const seen: object[] = [];
  for (const name of names) {
    const cut = { iteration: name as unknown as number, timeout: WAITS.has(name) ? 40 : 10_000 };
    seen.push({ name, ...essence(await drive(client.ops[0]!, user, cut)) });
    // What the next call would meet else is a matter of chance.
    await until("what the server closed is gone", server.hasLeft);
    await new Promise((turn) => setImmediate(turn));
  }
  await client.close();
  await until("no connection is left", () => server.open() === 0);
  return { seen, heard: server.heard, accepted: server.accepted() };
}

async function playedAlike(names: readonly string[], setting: Setting = {}): Promise<Played> {
  const [fast, reference] = [await play("fast", names, setting), await play("reference", names, setting)];
  expect(fast.seen).toEqual(reference.seen);
  expect(fast.heard).toEqual(reference.heard);
  expect(fast.accepted).toBe(reference.accepted);
  return fast;
}

describe("both drivers make the same of", () => {
  test.each(NAMES)("%s, and of what they do next", async (name) => {
    await playedAlike(["plain", name, "plain"]);
  });

  test.each(["session", "message"])("a hundred calls of all sorts (connection: %s)", async (connection) => {
    const random = randomStream(7);
    const quick = NAMES.filter((name) => !WAITS.has(name) && !LEAVES(name) && !name.includes("behind"));
    const names = Array.from({ length: 100 }, () => quick[integer(random, 0, quick.length - 1)]!);
    const { seen } = await playedAlike(names, { config: { connection } });
    expect(new Set(seen.map((each) => (each as Seen).outcome)).size).toBeGreaterThan(1);
  });

  test("what comes over TLS", async () => {
    const certificates = makeCertificates();
    closing.push(async () => certificates.remove());
    const names = NAMES.filter((name) => !WAITS.has(name) && DEEDS[name]!.after !== "resets");
    expect((await playedAlike(names, { certificates })).accepted).toBeGreaterThan(10);
  });
});
