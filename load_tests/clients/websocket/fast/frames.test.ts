import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { closeFrame, frameOf } from "./frames.ts";
import { Opcode } from "./opcodes.ts";

/** A frame as its server reads it (RFC 6455 5.2 and 5.3). */
function read(frame: Buffer) {
  const short = frame[1]! & 0x7f;
  const at = short === 127 ? 10 : short === 126 ? 4 : 2;
  const length = short === 127 ? Number(frame.readBigUInt64BE(2)) : short === 126 ? frame.readUInt16BE(2) : short;
  const key = frame.subarray(at, at + 4);
  const payload = frame.subarray(at + 4).map((byte, i) => byte ^ key[i % 4]!);
  return { first: frame[0], isMasked: frame[1]! >= 0x80, short, length, key: key.toString("hex"), payload };
}

describe("frames of a client", () => {
  test.each([
    [0, 0],
    [1, 1],
    [125, 125],
    [126, 126],
    [65_535, 126],
    [65_536, 127],
    [1_000_000, 127],
  ])("%i bytes have their length in the fewest bits (%i)", (length, short) => {
    const frame = read(frameOf(Opcode.BINARY, Buffer.alloc(length, 7)));
    expect(frame).toMatchObject({ first: 0x82, isMasked: true, short, length });
    expect(frame.payload.length).toBe(length);
    expect(frame.payload.every((byte) => byte === 7)).toBe(true);
  });

  test("text goes out in UTF-8, whatever it says", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "\0", "é", "€", "😀", "\ud800")), (letters) => {
        const text = letters.join("");
        const { first, payload, length } = read(frameOf(Opcode.TEXT, text));
        expect(first).toBe(0x81);
        expect(length).toBe(payload.length);
        expect(Buffer.from(text).equals(payload)).toBe(true);
      }),
    );
  });

  test("a close says its code in two bytes", () => {
    expect(read(closeFrame(1000))).toMatchObject({ first: 0x88, length: 2, payload: Buffer.from([0x03, 0xe8]) });
  });

  test("5.3: each frame has a new masking key", () => {
    const keys = Array.from({ length: 10_000 }, () => read(frameOf(Opcode.PING, "")).key);
    // Of ten thousand keys of 32 bits two are alike once in a hundred times, ten never.
    expect(new Set(keys).size).toBeGreaterThan(9990);
  });

  test("what is sent stays as it is: it may be sent again", () => {
    const data = Buffer.from("hello");
    frameOf(Opcode.TEXT, data);
    expect(data.toString()).toBe("hello");
  });
});
