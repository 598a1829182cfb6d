import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { heldBytes } from "../../memory.ts";
import { LARGEST_MESSAGE } from "../link.ts";
import { goodbyeOf } from "./close_codes.ts";
import { FrameReader } from "./frame_reader.ts";
import { InvalidFrame } from "./invalid_frame.ts";

/** What a reader finds in pieces of bytes, one after the other in the same buffer, as a connection reads them. */
function found(pieces: readonly Buffer[]): string[] {
  const reader = new FrameReader();
  const buffer = Buffer.alloc(Math.max(1, ...pieces.map(({ length }) => length)));
  const all: string[] = [];
  try {
    for (const piece of pieces) {
      piece.copy(buffer);
      reader.feed(buffer, piece.length);
      for (let next = reader.next(); next !== "nothing"; next = reader.next()) {
        const { code, reason } = next === "close" ? goodbyeOf(reader.payload) : { code: 0, reason: reader.payload };
        all.push(code === 0 ? `${next} ${reason}` : `${next} ${code} ${reason}`);
      }
    }
  } catch (error) {
    if (!(error instanceof InvalidFrame)) throw error;
    all.push(`invalid ${error.closeCode}`);
  }
  return all;
}

const bytes = (...parts: readonly (number | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from([part]))));
const A = "x".repeat(125);
const B = "x".repeat(126);
const C = "x".repeat(65_536);

/** A fact in words of RFC 6455, with its section; the bytes; what is found. */
const CASES: readonly [string, Buffer, ...string[]][] = [
  ["5.7: a single-frame unmasked text message", bytes(0x81, 5, "Hello"), "message Hello"],
  ["5.7: a fragmented unmasked text message", bytes(0x01, 3, "Hel", 0x80, 2, "lo"), "message Hello"],
  ["5.7: an unmasked ping request", bytes(0x89, 5, "Hello"), "ping Hello"],
  ["5.7: 256 bytes in a single unmasked frame", bytes(0x82, 126, 1, 0, "y".repeat(256)), `message ${"y".repeat(256)}`],
  ["5.7: 64 KiB in a single unmasked frame", bytes(0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0, C), `message ${C}`],
  ["5.2: a payload may be empty", bytes(0x81, 0, 0x82, 0), "message ", "message "],
  ["5.2: 125 bytes have their length in 7 bits", bytes(0x81, 125, A), `message ${A}`],
  ["5.2: 126 bytes have it in 16", bytes(0x81, 126, 0, 126, B), `message ${B}`],
  ["5.2: the minimal number of bytes must be used (16 bits)", bytes(0x81, 126, 0, 125, A), "invalid 1002"],
  [
    "5.2: the minimal number of bytes must be used (64 bits)",
    bytes(0x81, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff),
    "invalid 1002",
  ],
  ["5.2: the most significant bit of 64 must be 0", bytes(0x81, 127, 0x80, 0, 0, 0, 0, 1, 0, 0), "invalid 1002"],
  ["5.2: RSV1 must be 0 where no extension defines it", bytes(0xc1, 0), "invalid 1002"],
  ["5.2: RSV2 must be 0", bytes(0xa1, 0), "invalid 1002"],
  ["5.2: RSV3 must be 0", bytes(0x91, 0), "invalid 1002"],
  ...[3, 4, 5, 6, 7].map((opcode): [string, Buffer, string] => [
    `5.2: opcode ${opcode} is reserved`,
    bytes(0x80 | opcode, 0),
    "invalid 1002",
  ]),
  ...[11, 12, 13, 14, 15].map((opcode): [string, Buffer, string] => [
    `5.2: control opcode ${opcode} is reserved`,
    bytes(0x80 | opcode, 0),
    "invalid 1002",
  ]),
  ["5.1: a server must not mask", bytes(0x81, 0x81, 1, 2, 3, 4, 5), "invalid 1002"],
  ["5.4: a fragment may be empty", bytes(0x01, 0, 0x00, 0, 0x80, 1, "x"), "message x"],
  ["5.4: all may be", bytes(0x01, 0, 0x80, 0), "message "],
  [
    "5.4: control frames may be injected in the middle of a fragmented message",
    bytes(0x01, 1, "a", 0x89, 1, "p", 0x00, 1, "b", 0x8a, 0, 0x80, 1, "c"),
    "ping p",
    "pong ",
    "message abc",
  ],
  ["5.4: fragments of messages must not be interleaved", bytes(0x01, 1, "a", 0x81, 1, "b"), "invalid 1002"],
  ["5.4: a continuation continues something", bytes(0x80, 1, "a"), "invalid 1002"],
  ["5.4: nor a message that was whole", bytes(0x81, 1, "a", 0x80, 1, "b"), "message a", "invalid 1002"],
  ["5.5: control frames must not be fragmented", bytes(0x09, 0), "invalid 1002"],
  ["5.5: a control frame's payload has 125 bytes at most", bytes(0x89, 126, 0, 126, B), "invalid 1002"],
  ["5.5: and may have them", bytes(0x89, 125, A), `ping ${A}`],
  ["5.5.1: a close may have no body", bytes(0x88, 0), "close 1005 "],
  ["5.5.1: a code and a reason", bytes(0x88, 5, 0x03, 0xe8, "bye"), "close 1000 bye"],
  ["5.5.1: a body begins with a code of 2 bytes", bytes(0x88, 1, 3), "invalid 1002"],
  ["5.5.1: a reason is UTF-8", bytes(0x88, 3, 0x03, 0xe8, 0xff), "invalid 1007"],
  ["5.6: text is UTF-8", bytes(0x81, 1, 0xff), "invalid 1007"],
  ["5.6: binary data is whatever it is", bytes(0x82, 1, 0xff), "message \ufffd"],
  ["8.1: a character may be split by fragments", bytes(0x01, 1, 0xc3, 0x80, 1, 0xa4), "message ä"],
  ["8.1: text that ends within a character is invalid", bytes(0x81, 1, 0xc3), "invalid 1007"],
  ["8.1: so is a surrogate", bytes(0x81, 3, 0xed, 0xa0, 0x80), "invalid 1007"],
  ["8.1: so is what is written longer than need be", bytes(0x81, 2, 0xc0, 0x80), "invalid 1007"],
  ["10.4: there is a limit to the size of a frame", bytes(0x82, 127, 0, 0, 0, 0, 4, 0, 0, 1), "invalid 1009"],
  ["10.4: and to that of a message of many", bytes(0x02, 1, "x", 0x80, 127, 0, 0, 0, 0, 4, 0, 0, 0), "invalid 1009"],
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999].map(
    (code): [string, Buffer, string] => [
      `7.4: ${code} may be said`,
      bytes(0x88, 2, code >> 8, code & 0xff),
      `close ${code} `,
    ],
  ),
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code): [string, Buffer, string] => [
    `7.4: ${code} may not`,
    bytes(0x88, 2, code >> 8, code & 0xff),
    "invalid 1002",
  ]),
];

describe("frames of a server", () => {
  test.each(CASES)("%s", (_fact, input, ...expected) => {
    expect(found([input])).toEqual(expected);
  });

  test("are the same wherever their bytes are parted", () => {
    for (const [, input, ...expected] of CASES.filter(([, { length }]) => length < 1000))
      for (let at = 0; at <= input.length; at++)
        expect(found([input.subarray(0, at), input.subarray(at)])).toEqual(expected);
  });

  test("are the same a byte at a time, and one behind the other", () => {
    const valid = CASES.filter(([, , last]) => !/^(invalid|close)/.test(last!)).filter(
      ([, ...all]) => !all.includes("invalid 1002"),
    );
    const input = Buffer.concat(valid.map(([, each]) => each));
    const expected = valid.flatMap(([, , ...each]) => each);
    expect(expected.length).toBeGreaterThan(15);
    expect(found([input])).toEqual(expected);
    expect(found(Array.from(input, (_, at) => input.subarray(at, at + 1)))).toEqual(expected);
  });

  test("are the same in any pieces", () => {
    const whole = fc.constantFrom(...CASES.map(([, each]) => each).filter(({ length }) => length < 1000));
    const parting = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(whole, { maxLength: 6 }), parting, (frames, sizes) => {
        const input = Buffer.concat(frames);
        const pieces: Buffer[] = [];
        for (let at = 0, i = 0; at < input.length; i++) {
          const size = sizes[i % sizes.length]!;
          pieces.push(input.subarray(at, at + size));
          at += size;
        }
        expect(found(pieces)).toEqual(found([input]));
      }),
    );
  });

  test("never crash the reader, whatever comes", () => {
    const garbage = fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each));
    fc.assert(
      fc.property(fc.array(garbage, { maxLength: 5 }), (pieces) => {
        expect(found(pieces)).toEqual(found([Buffer.concat(pieces)]));
      }),
      { numRuns: 500 },
    );
  });

  test("that promise much take no memory for it, and fragments without content none at all", () => {
    const before = heldBytes();
    const readers = Array.from({ length: 50 }, () => new FrameReader());
    const promise = Buffer.alloc(10);
    promise.set([0x82, 127]);
    promise.writeUInt32BE(LARGEST_MESSAGE, 6);
    const fragments = Buffer.concat([bytes(0x01, 0), Buffer.alloc(60_000)]);
    for (const [i, reader] of readers.entries()) {
      const input = i % 2 === 0 ? Buffer.concat([promise, bytes("x")]) : fragments;
      reader.feed(input, input.length);
      expect(reader.next()).toBe("nothing");
    }
    expect(heldBytes() - before).toBeLessThan(2 * 1024 * 1024);
  });
});
