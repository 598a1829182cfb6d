import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { InvalidAnswer } from "../../wire/http1/head.ts";
import { Handshake } from "./handshake.ts";

const asked = { url: "ws://example.com:80/chat?x=1", headers: { "User-Agent": "tenfold", "x-own": "a" } };
const keyOf = ({ request }: Handshake): string => /^sec-websocket-key: (.*)\r$/m.exec(request)![1]!;
const acceptOf = (key: string): string =>
  createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

/** What becomes of an answer that comes in these pieces; ACCEPT stands for what the key asks for. */
function answered(answer: string, subprotocols: readonly string[] = [], size = answer.length): string {
  const handshake = new Handshake(asked, subprotocols);
  const bytes = Buffer.from(answer.replace("ACCEPT", acceptOf(keyOf(handshake))), "latin1");
  try {
    for (let at = 0; at < bytes.length; at += size) {
      const piece = Buffer.from(bytes.subarray(at, at + size));
      const isWhole = handshake.feed(piece, piece.length);
      piece.subarray(0, isWhole ? 0 : piece.length).fill(0);
      if (isWhole) {
        const refusal = handshake.refusal();
        return refusal === null ? `open ${handshake.rest}` : `${refusal.outcome} ${refusal.status} ${refusal.message}`;
      }
    }
    return "more";
  } catch (error) {
    if (!(error instanceof InvalidAnswer)) throw error;
    return `invalid: ${error.message}`;
  }
}

const SWITCH = "HTTP/1.1 101 Switching Protocols\r\n";
const GOOD = `${SWITCH}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n`;

describe("the opening handshake (RFC 6455 4.1)", () => {
  test("asks with GET, host, upgrade, a new key of 16 bytes, and version 13", () => {
    const { request } = new Handshake(asked, ["a", "b"]);
    expect(request).toMatch(/^GET \/chat\?x=1 HTTP\/1\.1\r\n([^\r\n]+\r\n)+\r\n$/);
    expect(
      request
        .split("\r\n")
        .slice(1, -2)
        .map((line) => line.replace(/(key: ).*/, "$1KEY")),
    ).toEqual([
      "host: example.com",
      "user-agent: tenfold",
      "x-own: a",
      "sec-websocket-version: 13",
      "sec-websocket-key: KEY",
      "connection: Upgrade",
      "upgrade: websocket",
      "sec-websocket-protocol: a,b",
    ]);
    const keys = Array.from({ length: 20 }, () => keyOf(new Handshake(asked, [])));
    expect(new Set(keys).size).toBe(20);
    expect(Buffer.from(keys[0]!, "base64").length).toBe(16);
  });

  test("takes a host that is asked for, and no other upgrade", () => {
    const { request } = new Handshake({ ...asked, headers: { Host: "elsewhere", upgrade: "h2c" } }, []);
    expect(request).toContain("\r\nhost: elsewhere\r\n");
    expect(request).toContain("\r\nupgrade: websocket\r\n");
    expect(request.match(/^(host|upgrade):/gm)).toHaveLength(2);
  });

  test.each([
    ["a header with a line break", { url: "ws://a/", headers: { x: "a\r\nb: c" } }],
    ["a header beyond latin1", { url: "ws://a/", headers: { x: "\u20ac" } }],
    ["a URL with a fragment", { url: "ws://a/#b", headers: {} }],
  ])("does not begin with %s", (_what, wrong) => {
    expect(() => new Handshake(wrong, [])).toThrow();
  });

  test.each<[string, string, string | RegExp, string[]?]>([
    ["an answer with all that it must say", `${GOOD}\r\n`, "open "],
    ["what lies behind it is kept", `${GOOD}\r\nframes`, "open frames"],
    [
      "names and values are of any case",
      `${SWITCH}UPGRADE: WebSocket\r\nconnection: keep-alive, UPGRADE\r\nsec-websocket-accept:ACCEPT\r\n\r\n`,
      "open ",
    ],
    ["other answers of 1xx come before", `HTTP/1.1 103 Hints\r\nlink: x\r\n\r\n${GOOD}\r\n`, "open "],
    ["one that never ends its headers waits", GOOD, "more"],
    [
      "no upgrade",
      `${GOOD.replace("Upgrade: websocket", "x: y")}\r\n`,
      /^invalid: expected the header upgrade: websocket, found none$/,
    ],
    ["another upgrade", `${GOOD.replace("websocket", "h2c")}\r\n`, /^invalid: .* found "h2c"$/],
    ["no connection", `${GOOD.replace("Connection: Upgrade", "Connection: close")}\r\n`, /^invalid: .* found "close"$/],
    [
      "no accepted key",
      `${SWITCH}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      /^invalid: expected sec-websocket-accept: \S+, found none$/,
    ],
    ["another key", `${GOOD.replace("ACCEPT", "nonsense")}\r\n`, /^invalid: .* found "nonsense"$/],
    ["an extension", `${GOOD}Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n`, /^invalid: expected no extension/],
    [
      "a subprotocol that nobody asked for",
      `${GOOD}Sec-WebSocket-Protocol: a\r\n\r\n`,
      /^invalid: expected no subprotocol/,
    ],
    ["one of those that were asked for", `${GOOD}Sec-WebSocket-Protocol: b\r\n\r\n`, "open ", ["a", "b"]],
    [
      "another than those",
      `${GOOD}Sec-WebSocket-Protocol: c\r\n\r\n`,
      /^invalid: expected one of the subprotocols a, b, found "c"$/,
      ["a", "b"],
    ],
    ["none of those", `${GOOD}\r\n`, /^invalid: expected one of the subprotocols a, found none$/, ["a"]],
    [
      "another status",
      "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
      "client-error 404 expected 101 Switching Protocols, found 404 Not Found",
    ],
    ["a status that is well and means nothing", "HTTP/1.1 200 OK\r\n\r\n", /^invalid 200/],
    ["no HTTP", "220 smtp\r\n", /^invalid: expected HTTP/],
  ])("%s", (_what, answer, expected, subprotocols = []) => {
    for (const size of [answer.length + 100, 7, 1]) {
      const found = answered(answer, subprotocols, size);
      // In pieces, what lies behind has not come yet.
      if (size > answer.length || !found.startsWith("open")) expect(found).toMatch(expected);
      else expect(found).toMatch(/^open/);
    }
  });
});
