import { createServer } from "node:http2";
import fc from "fast-check";
import { expect, test } from "vitest";
import { listening } from "../loopback.ts";
import { Connection } from "./connection.ts";
import { type Head, HeadWriter } from "./head_writer.ts";
import { HeaderDecoder } from "./hpack_decoder.ts";
import { initialSettings } from "./settings.ts";
import type { Field } from "./static_fields.ts";

const HEAD = 9;
const LIST = 1_000_000;
const PATH: readonly Field[] = [
  [":method", "POST"],
  [":path", "/a.Service/Method"],
  ["x-word", "word"],
];
const headOf = (fixed: readonly Field[], varying: readonly Field[] = []): Head => ({ fixed, varying });

/** A writer, and who reads what it writes. */
function pair() {
  const settings = initialSettings();
  const writer = new HeadWriter(settings);
  const decoder = new HeaderDecoder(LIST);
  const read = (head: Head): { fields: Field[]; bytes: number } => {
    const frames = writer.frames(head);
    const fields = decoder.decode(frames, HEAD, frames.length);
    const bytes = frames.length - HEAD;
    return { fields: fields.names().flatMap((name) => fields.all(name).map((value): Field => [name, value])), bytes };
  };
  return { settings, decoder, read };
}

test("fields that come again go as one octet each", () => {
  const { read } = pair();
  const first = read(headOf(PATH));
  const again = read(headOf(PATH));
  expect(first.bytes).toBeGreaterThan(20);
  expect(again).toEqual({ fields: [...PATH], bytes: 3 });
  expect(read(headOf(PATH, [["x-id", "1"]])).fields).toEqual([...PATH, ["x-id", "1"]]);
});

test("what only one request has, and what is secret, is in no table", () => {
  const { read, decoder } = pair();
  read(
    headOf(
      [
        ["authorization", "Bearer abc"],
        ["x-kept", "yes"],
      ],
      [["x-id", "1"]],
    ),
  );
  expect(decoder.entries()).toEqual([["x-kept", "yes"]]);
});

test("nothing is ever dropped from the table: what has no room is written out", () => {
  const { read, decoder } = pair();
  for (let i = 0; i < 100; i++) {
    const fields: Field[] = [["x-number", `${i}${"x".repeat(100)}`]];
    expect(read(headOf(fields)).fields).toEqual(fields);
  }
  expect(decoder.entries().at(-1)).toEqual(["x-number", `0${"x".repeat(100)}`]);
});

test("whatever heads are sent, and however the table is made smaller between them, they are read as they were", () => {
  const field = fc.tuple(fc.constantFrom("x-a", "x-b", ":path", "cookie"), fc.constantFrom("1", "22", "x".repeat(900)));
  const list = fc.uniqueArray(field, { selector: ([name]) => name, maxLength: 4 });
  const step = fc.record({
    list: fc.nat({ max: 4 }),
    varying: fc.boolean(),
    size: fc.option(fc.nat({ max: 4096 }), { freq: 8 }),
  });
  fc.assert(
    fc.property(fc.array(list, { minLength: 5, maxLength: 5 }), fc.array(step, { maxLength: 30 }), (lists, steps) => {
      const { settings, decoder, read } = pair();
      for (const { list: which, varying, size } of steps) {
        if (size !== null) settings.tableSize = Math.min(settings.tableSize, size);
        const extra: Field[] = varying ? [["x-own", "1"]] : [];
        expect(read(headOf(lists[which]!, extra)).fields).toEqual([...lists[which]!, ...extra]);
        expect(
          decoder.entries().reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0),
        ).toBeLessThanOrEqual(settings.tableSize);
      }
    }),
  );
});

test.each([0, 100])("a server whose table has %i bytes understands every request", async (headerTableSize) => {
  const server = createServer({ settings: { headerTableSize } }).on("stream", (stream, headers) => {
    stream.respond({ ":status": headers["x-word"] === "word" ? 200 : 400 }, { endStream: true });
  });
  const { port, close } = await listening(server);
  const statuses = await new Promise<number[]>((resolve) => {
    const seen: number[] = [];
    const ask = (): void => {
      const stream = connection.start(
        {
          head: ({ status }) => seen.push(status),
          sent: () => {},
          data: () => {},
          trailers: () => {},
          closed: () => (seen.length < 3 ? ask() : resolve(seen)),
        },
        headOf([...PATH, [":scheme", "http"], [":authority", "here"]].sort() as Field[]),
      );
      connection.send(stream, Buffer.alloc(0), true);
    };
    const events = { ready: ask, leaving: () => {}, closed: () => resolve([]) };
    const connection = new Connection({ hostname: "127.0.0.1", port, tls: null }, events);
  });
  expect(statuses).toEqual([200, 200, 200]);
  await close();
});
