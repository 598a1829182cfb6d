import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameReader } from "./frame_reader.ts";
import { checkFrame, contentEnd, contentStart } from "./frame_rules.ts";
import { FrameType, frame, headersFrames } from "./frames.ts";

interface Shown {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: string;
}

/** All frames in the chunks, each chunk in a buffer that is overwritten afterwards. */
function read(chunks: readonly Uint8Array[], check = false): Shown[] {
  const seen: Shown[] = [];
  const reader = new FrameReader((each) => {
    const { type, flags, stream, bytes, from, to } = each;
    if (check) {
      checkFrame(each);
      contentEnd(each);
    }
    seen.push({ type, flags, stream, payload: bytes.toString("hex", from, to) });
  });
  const shared = Buffer.alloc(100_000);
  for (const chunk of chunks) {
    shared.fill(0xaa);
    shared.set(chunk);
    reader.feed(shared, chunk.length);
  }
  return seen;
}

/** The bytes, cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((place, index) => bytes.subarray(sorted[index], place));
}

const someFrame = fc
  .tuple(
    fc.integer({ min: 0, max: 255 }),
    fc.integer({ min: 0, max: 255 }),
    fc.uint8Array({ maxLength: 50 }),
    fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  )
  .map(([type, flags, payload, stream]) => ({ type, flags, payload, stream }));

test("frames are found wherever the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(someFrame, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 12 }), (frames, places) => {
      const bytes = Buffer.concat(
        frames.map(({ type, flags, payload, stream }) => frame(type, flags, payload, stream)),
      );
      expect(read(cut(bytes, places))).toEqual(
        frames.map(({ payload, ...each }) => ({ ...each, payload: Buffer.from(payload).toString("hex") })),
      );
    }),
  );
});

test("frames are found byte by byte", () => {
  const bytes = Buffer.concat([
    frame(6, 0, Buffer.alloc(8, 7)),
    frame(4, 1, Buffer.alloc(0)),
    frame(0, 1, Buffer.alloc(300, 1), 5),
  ]);
  expect(read([...bytes].map((octet) => Uint8Array.of(octet)))).toEqual(read([bytes]));
  expect(read([bytes])).toHaveLength(3);
});

test("a frame of 16,384 bytes is taken, one of more is refused (4.2)", () => {
  expect(read([frame(0, 0, Buffer.alloc(16_384), 1)])).toHaveLength(1);
  expect(() => read([frame(0, 0, Buffer.alloc(16_385), 1)])).toThrow("a frame of 16385 bytes");
});

test("a long header block goes in several frames, of which the last ends it (6.10)", () => {
  const seen = read([headersFrames(Buffer.alloc(40_000))]);
  expect(seen.map(({ type, flags, payload }) => [type, flags, payload.length / 2])).toEqual([
    [FrameType.HEADERS, 0, 16_384],
    [FrameType.CONTINUATION, 0, 16_384],
    [FrameType.CONTINUATION, 4, 7232],
  ]);
});

describe("RFC 9113 6: a frame that must be answered with a connection error", () => {
  const bytes = (count: number) => Buffer.alloc(count, 1);
  test.each<[string, Buffer, RegExp]>([
    ["6.1: DATA of stream 0", frame(0, 0, bytes(1), 0), /DATA of the connection/],
    ["6.1: DATA whose padding is as long as its payload", frame(0, 8, Buffer.from([3, 0, 0]), 1), /padding/],
    ["6.1: DATA that says it is padded and is empty", frame(0, 8, bytes(0), 1), /padding/],
    ["6.2: HEADERS of stream 0", frame(1, 4, bytes(1), 0), /HEADERS of the connection/],
    ["6.2: HEADERS with a priority that is cut", frame(1, 0x24, bytes(4), 1), /padding/],
    ["6.3: PRIORITY of 4 bytes", frame(2, 0, bytes(4), 1), /PRIORITY of 4 bytes/],
    ["6.4: RST_STREAM of stream 0", frame(3, 0, bytes(4), 0), /RST_STREAM of the connection/],
    ["6.4: RST_STREAM of 5 bytes", frame(3, 0, bytes(5), 1), /RST_STREAM of 5 bytes/],
    ["6.5: SETTINGS of a stream", frame(4, 0, bytes(0), 1), /SETTINGS of stream 1/],
    ["6.5: SETTINGS of 7 bytes", frame(4, 0, bytes(7), 0), /SETTINGS of 7 bytes/],
    ["6.5: SETTINGS with ACK and content", frame(4, 1, bytes(6), 0), /SETTINGS of 6 bytes/],
    ["6.7: PING of a stream", frame(6, 0, bytes(8), 1), /PING of stream 1/],
    ["6.7: PING of 7 bytes", frame(6, 0, bytes(7), 0), /PING of 7 bytes/],
    ["6.8: GOAWAY of a stream", frame(7, 0, bytes(8), 1), /GOAWAY of stream 1/],
    ["6.9: WINDOW_UPDATE of 3 bytes", frame(8, 0, bytes(3), 1), /WINDOW_UPDATE of 3 bytes/],
    ["6.10: CONTINUATION of stream 0", frame(9, 4, bytes(1), 0), /CONTINUATION of the connection/],
  ])("%s", (_, what, words) => {
    expect(() => read([what], true)).toThrow(words);
  });

  test("6.1, 6.2: padding and priority are no content", () => {
    const reader = (what: Buffer) => {
      let content = "";
      new FrameReader((each) => {
        content = each.bytes.toString("latin1", contentStart(each), contentEnd(each));
      }).feed(what, what.length);
      return content;
    };
    expect(reader(frame(0, 8, Buffer.from("\x02ab\0\0"), 1))).toBe("ab");
    expect(reader(frame(1, 0x28, Buffer.from("\x0112345ab\0"), 1))).toBe("ab");
  });
});
