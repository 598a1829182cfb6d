import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidAnswer, LARGEST_HEAD } from "./head.ts";
import { AnswerParser } from "./parser.ts";

/** What a parser finds in pieces of bytes, one after the other in the same buffer, as a connection reads them. */
function parsed(pieces: readonly Buffer[], method = "GET") {
  const parser = new AnswerParser();
  const buffer = Buffer.alloc(Math.max(1, ...pieces.map(({ length }) => length)));
  const found = { code: 0, reason: "", fields: "", body: "", end: "more", persists: false, more: false };
  parser.begin(method);
  try {
    for (const piece of pieces) {
      piece.copy(buffer);
      parser.feed(buffer, piece.length);
      for (let next = parser.next(); next !== "nothing"; next = parser.next()) {
        if (next === "head") {
          found.code = parser.head.code;
          found.reason = parser.head.statusText;
          found.fields = ["x", "set-cookie"].map((name) => parser.head.fields().values(name).join("|")).join(";");
          found.persists = parser.persists;
        } else if (next === "body") found.body += parser.bytes.toString("latin1", parser.from, parser.to);
        else {
          found.more ||= parser.hasMore;
          found.end = "whole";
          break;
        }
      }
    }
    if (parser.endsWithConnection) found.end = "with the connection";
  } catch (error) {
    if (!(error instanceof InvalidAnswer)) throw error;
    return { ...found, end: "invalid", why: error.message };
  }
  return found;
}

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const OK = "HTTP/1.1 200 OK\r\n";
const TWO = `${OK}content-length: 2\r\n`;
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

type Expected = Partial<ReturnType<typeof parsed>>;
const whole = (body = "hi", more: Expected = {}): Expected => ({ end: "whole", body, ...more });
const kept = whole("hi", { persists: true, more: false });
const withConnection = (body: string): Expected => ({ end: "with the connection", body, persists: false });

const GOOD: readonly [string, string, Expected, string?][] = [
  ["4: a reason phrase may be absent", "HTTP/1.1 200 \r\ncontent-length: 2\r\n\r\nhi", kept],
  ["4: and with it, as some servers have it, its blank", "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nhi", kept],
  [
    "4: it may hold bytes of obs-text",
    `HTTP/1.1 404 n\xc3\xa4\r\ncontent-length: 2\r\n\r\nhi`,
    whole("hi", { reason: "nä" }),
  ],
  ["2.2: empty lines in front of an answer are passed over", `\r\n\r\n${TWO}\r\nhi`, kept],
  ["5: blanks around a value do not belong to it", `${TWO}x: \t a b \t \r\n\r\nhi`, { fields: "a b;" }],
  ["5: a value may be empty, and a name is of any case", `${TWO}X:\r\nX: b\r\n\r\nhi`, { fields: "|b;" }],
  ["5.5: a value may hold obs-text", `${TWO}x: \xe9\r\n\r\nhi`, { fields: "\xe9;" }],
  ["6.3 rule 1: HEAD is answered without a body", `${TWO}\r\n`, whole("", { persists: true }), "HEAD"],
  ["6.3 rule 1: so is one that says no length", `${OK}\r\n`, whole("", { persists: true }), "HEAD"],
  ["6.3 rule 1: so is 204, whatever length it says", "HTTP/1.1 204 No\r\ncontent-length: 5\r\n\r\n", whole("")],
  ["6.3 rule 1: so is 304", "HTTP/1.1 304 No\r\ncontent-length: 5\r\n\r\n", whole("")],
  [
    "6.3 rule 1: 1xx are passed over, however many",
    `HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Hints\r\nx: no\r\n\r\n${TWO}\r\nhi`,
    { ...kept, fields: ";" },
  ],
  ["6.3 rule 4: chunked is the last coding", `${OK}Transfer-Encoding: gzip, CHUNKED\r\n\r\n2\r\nhi\r\n0\r\n\r\n`, kept],
  [
    "6.3 rule 4: another last coding lasts until the connection ends",
    `${OK}transfer-encoding: chunked, gzip\r\n\r\n2\r\n`,
    withConnection("2\r\n"),
  ],
  ["6.3 rule 6: a length of zero is an answer without a body", `${OK}content-length: 0\r\n\r\n`, whole("")],
  [
    "6.3 rule 8: no length lasts until the connection ends",
    `${OK}connection: keep-alive\r\n\r\nhi`,
    withConnection("hi"),
  ],
  ["7.1: chunks, with extensions", `${CHUNKED}1;a=b;c="d e"\r\nh\r\n001\r\ni\r\n0;x\r\n\r\n`, kept],
  ["7.1.2: trailers are passed over", `${CHUNKED}2\r\nhi\r\n0\r\nx: a\r\ny: b\r\n\r\n`, { ...kept, fields: ";" }],
  [
    "9.3: HTTP/1.0 keeps no connection",
    "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi",
    whole("hi", { persists: false }),
  ],
  ["9.3: but where it says so", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nhi", kept],
  ["9.6: close is one of several options", `${TWO}connection: x, Close\r\n\r\nhi`, whole("hi", { persists: false })],
  ["a second answer is told", `${TWO}\r\nhi${TWO}\r\nhi`, whole("hi", { more: true })],
  ["so is garbage behind one; empty lines are none", `${TWO}\r\nhi###`, whole("hi", { more: true })],
  ["empty lines behind an answer are none", `${TWO}\r\nhi\r\n`, kept],
  ["cookies", `${TWO}Set-Cookie: a=1\r\nset-cookie: b=2\r\n\r\nhi`, { fields: ";a=1|b=2" }],
];

const BAD: readonly [string, string][] = [
  ["another protocol", "220 smtp.example.com ESMTP\r\n"],
  ["another protocol of which a byte came", "\x15"],
  ["2.3: HTTP in small letters", "http/1.1 200 OK\r\n\r\n"],
  ["2.3: another major version", "HTTP/2.0 200 OK\r\n\r\n"],
  ["4: two blanks in front of the status", "HTTP/1.1  200 OK\r\n\r\n"],
  ["4: a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
  ["4: a status of four digits", "HTTP/1.1 1000 OK\r\n\r\n"],
  ["4: a status below 100", "HTTP/1.1 099 OK\r\n\r\n"],
  ["2.2: a CR alone", "HTTP/1.1 200 O\rK\r\n\r\n"],
  ["2.2: an LF alone", `HTTP/1.1 200 OK\ncontent-length: 2\n\nhi`],
  ["2.2: an LF alone behind a header", `${OK}x: y\n\r\n`],
  ["5: a name without a colon", `${OK}abc\r\n\r\n`],
  ["5: a colon without a name", `${OK}: a\r\n\r\n`],
  ["5.1: a blank in front of the colon", `${OK}x : a\r\n\r\n`],
  ["5.2: a value that goes on in the next line", `${OK}x: a\r\n b\r\n\r\n`],
  ["5.5: a NUL", `${OK}x: a\0b\r\n\r\n`],
  ["6.3 rule 3: a length beside a coding", `${TWO}transfer-encoding: chunked\r\n\r\n`],
  ["6.3 rule 3: a coding beside a length", `${OK}transfer-encoding: gzip\r\ncontent-length: 2\r\n\r\n`],
  ["6.3 rule 5: two lengths", `${TWO}content-length: 3\r\n\r\nab`],
  ["6.3 rule 5: a list of lengths", `${OK}content-length: 2, 2\r\n\r\nhi`],
  ["6.3 rule 5: a length with a sign", `${OK}content-length: +2\r\n\r\nhi`],
  ["6.3 rule 5: no length", `${OK}content-length: \r\n\r\nhi`],
  ["6.3 rule 5: a length that no number holds", `${OK}content-length: 99999999999999999999\r\n\r\nhi`],
  ["7.1: a size that is none", `${CHUNKED}zz\r\n`],
  ["7.1: no size", `${CHUNKED}\r\nhi\r\n`],
  ["7.1: a size behind 0x", `${CHUNKED}0x2\r\nhi\r\n`],
  ["7.1: a size with a blank", `${CHUNKED}2 \r\nhi\r\n`],
  ["7.1: a size that no number holds", `${CHUNKED}fffffffffffffffff\r\n`],
  ["7.1: more bytes than the size says", `${CHUNKED}2\r\nhi!\r\n0\r\n\r\n`],
  ["7.1.2: a length among the trailers", `${CHUNKED}0\r\ncontent-length: 2\r\n\r\n`],
  ["7.8 of RFC 9110: another protocol that nobody asked for", "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n"],
  ["a head too large", `${OK}${`x: ${"y".repeat(1000)}\r\n`.repeat(17)}`],
  ["a line that does not end", `${OK}x: ${"y".repeat(LARGEST_HEAD)}`],
  ["a name that does not end", `${OK}${"y".repeat(LARGEST_HEAD)}`],
  ["a reason that does not end", `HTTP/1.1 200 ${"y".repeat(LARGEST_HEAD)}`],
  ["an extension of a chunk that does not end", `${CHUNKED}2;${"y".repeat(LARGEST_HEAD)}`],
  ["trailers too large", `${CHUNKED}0\r\n${`x: ${"y".repeat(1000)}\r\n`.repeat(17)}`],
];

describe("RFC 9112", () => {
  test.each(GOOD)("%s", (_rule, text, expected, method) => {
    expect(parsed([bytes(text)], method)).toMatchObject(expected);
  });

  test.each(BAD)("%s is no answer", (_what, text) => {
    const { end, why } = { why: "", ...parsed([bytes(text)]) };
    expect(end).toBe("invalid");
    expect(why).toMatch(/^expected .*/);
    expect(why.length).toBeLessThan(250);
  });

  test.each([
    ["9.5: a connection is not used until the server gives it up", "timeout=5, max=100", 5000],
    ["unless it does not say when", "max=100", null],
  ])("%s", (_rule, value, limit) => {
    const parser = new AnswerParser();
    parser.begin("GET");
    const answer = bytes(`${TWO}keep-alive: ${value}\r\n\r\nhi`);
    parser.feed(answer, answer.length);
    parser.next();
    expect(parser.head.idleLimit).toBe(limit);
  });
});

/** All but what depends on how far the bytes had come. */
const essence = ({ more: _, ...found }: ReturnType<typeof parsed>) => ({ ...found, why: undefined });

describe("however the bytes are cut", () => {
  const texts = [
    ...GOOD.map(([rule, text, , method = "GET"]) => ({ rule, text, method })),
    ...BAD.filter(([, text]) => text.length < 200).map(([rule, text]) => ({ rule, text, method: "GET" })),
  ];
  test.each(texts)("the same is found: $rule", ({ text, method }) => {
    const all = bytes(text);
    const expected = essence(parsed([all], method));
    for (let at = 0; at <= all.length; at++)
      expect(essence(parsed([all.subarray(0, at), all.subarray(at)], method)), `cut at ${at}`).toEqual(expected);
    const byByte = [...all].map((byte) => Buffer.of(byte));
    expect(essence(parsed(byByte, method))).toEqual(expected);
  });
});

describe("whatever comes", () => {
  const part = fc.oneof(
    fc.constantFrom(
      OK,
      TWO,
      CHUNKED,
      "\r\n",
      "\r\n\r\n",
      "content-length: 2",
      "2\r\nhi\r\n",
      "0\r\n",
      "x: y",
      ":",
      " ",
      "\r",
      "\n",
    ),
    fc.uint8Array({ maxLength: 20 }).map((some) => Buffer.from(some).toString("latin1")),
  );

  test("is an answer or is refused: the same in any pieces", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), fc.array(fc.nat(50)), (parts, sizes) => {
        const all = bytes(parts.join(""));
        const pieces: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          pieces.push(all.subarray(at, at + size));
          at += size;
        }
        expect(essence(parsed([...pieces, all.subarray(at)]))).toEqual(essence(parsed([all])));
      }),
      { numRuns: 2000 },
    );
  });

  test("a byte that changes makes another answer, or none, but no other trouble", () => {
    const texts = GOOD.map(([, text]) => text);
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), fc.integer({ min: 0, max: 255 }), (text, place, byte) => {
        const all = bytes(text);
        all[place % all.length] = byte;
        expect(["whole", "more", "invalid", "with the connection"]).toContain(parsed([all]).end);
      }),
      { numRuns: 2000 },
    );
  });
});
