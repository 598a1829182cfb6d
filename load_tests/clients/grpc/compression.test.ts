import { createServer, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { buffer } from "node:stream/consumers";
import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { drive, openClient, testUser } from "../contract.ts";
import { listening } from "../loopback.ts";
import { echoProto } from "./fixture.ts";
import { grpc } from "./index.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** What came on the wire: the encoding that the header names, and the first message's flag and bytes. */
interface Wire {
  readonly encoding: unknown;
  readonly flag: number;
  readonly bytes: Buffer;
}

const frame = (flag: number, bytes: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
};

/** A client of a service that has its say to each call when its request is there. */
async function clientOf(
  config: object,
  answerTo: (stream: ServerHttp2Stream, body: Buffer, encoding: unknown) => void,
) {
  const server = createServer().on("stream", async (stream, headers) => {
    stream.on("error", () => {});
    answerTo(stream, await buffer(stream), headers["grpc-encoding"]);
  });
  const listened = await listening(server);
  closing.push(listened.close);
  const calls = [{ method: "demo.echo.Echo/Say", message: { user: "a".repeat(1000) } }];
  const client = await openClient(grpc, { host: listened.address, proto: echoProto, calls, ...config });
  closing.push(() => client.close());
  return client;
}

interface Reply {
  readonly head: OutgoingHttpHeaders;
  readonly content?: Buffer;
  readonly trailers?: OutgoingHttpHeaders;
}

function answerWith(stream: ServerHttp2Stream, { head, content, trailers = { "grpc-status": "0" } }: Reply): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc", ...head }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(content);
}

/** Answers a call with these headers and bytes. */
async function callOf(config: object, encoding: string, answer: Buffer) {
  let seen: Wire | undefined;
  const client = await clientOf(config, (stream, body, named) => {
    seen = { encoding: named, flag: body[0]!, bytes: body.subarray(5) };
    answerWith(stream, { head: { "grpc-encoding": encoding }, content: answer });
  });
  const call = await drive(client.ops[0]!, testUser(0));
  return { wire: seen!, call };
}

const hello = Buffer.from([0x0a, 5, ...Buffer.from("hello")]);

test.each([
  ["gzip", "fast", gunzipSync, gzipSync],
  ["deflate", "fast", inflateSync, deflateSync],
  ["gzip", "reference", gunzipSync, gzipSync],
] as const)("%s, %s: messages are sent and taken compressed", async (compression, driver, unzip, zip) => {
  const { wire, call } = await callOf({ compression, driver }, compression, frame(1, zip(hello)));
  expect(wire).toMatchObject({ encoding: compression, flag: 1 });
  expect(wire.bytes.length).toBeLessThan(100);
  expect(unzip(wire.bytes).length).toBe(1003);
  expect(call).toMatchObject({ outcome: "ok", json: { user: "hello" }, sent: 1003 });
});

test("without a word messages go as they are, and compressed ones are taken", async () => {
  const { wire, call } = await callOf({}, "gzip", frame(1, gzipSync(hello)));
  expect(wire).toMatchObject({ encoding: undefined, flag: 0 });
  expect(call).toMatchObject({ outcome: "ok", json: { user: "hello" } });
});

test.each([
  [
    "grows beyond max_message_size",
    "gzip",
    frame(1, gzipSync(Buffer.alloc(100_000))),
    "larger than max_message_size, 65536 bytes",
  ],
  ["cannot be unpacked", "gzip", frame(1, Buffer.from("no gzip")), "Failed to decompress gzip-encoded message"],
  ["is compressed in an unknown way", "brotli", frame(1, hello), "compressed in a way"],
  ["is compressed where none was said", "identity", frame(1, hello), "compressed in a way"],
])("an answer that %s is invalid", async (_, encoding, answer, words) => {
  const { call } = await callOf({ max_message_size: "64KB" }, encoding, answer);
  expect(call).toMatchObject({ outcome: "invalid" });
  expect(call.message).toContain(words);
});

test.each([
  ["is kept to, and each call fails, as the service says", "fast", [1, 1], ["UNIMPLEMENTED", "UNIMPLEMENTED"]],
  ["is given up by grpc-js for the calls after it", "reference", [1, 0], ["UNIMPLEMENTED", "OK"]],
] as const)("a compression that the service does not take %s", async (_, driver, flags, statuses) => {
  const seen: number[] = [];
  const head = { "grpc-accept-encoding": "identity" };
  const refusal = { head, trailers: { "grpc-status": "12", "grpc-message": "no gzip here" } };
  const client = await clientOf({ compression: "gzip", driver }, (stream, body) => {
    seen.push(body[0]!);
    answerWith(stream, body[0] === 0 ? { head, content: frame(0, hello) } : refusal);
  });
  const calls = [await drive(client.ops[0]!, testUser(0)), await drive(client.ops[0]!, testUser(0))];
  expect(seen).toEqual(flags);
  expect(calls.map(({ status }) => status)).toEqual(statuses);
  expect(calls[0]).toMatchObject({ outcome: "client-error", message: "no gzip here" });
});
