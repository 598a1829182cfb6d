import fc from "fast-check";
import { expect, test } from "vitest";
import { EventStream, LARGEST_EVENT, type ServerEvent } from "./events.ts";

/** The events of bytes that come cut before each of these places. */
function eventsOf(bytes: Buffer, cuts: readonly number[] = []): ServerEvent[] {
  const events: ServerEvent[] = [];
  const stream = new EventStream((event) => events.push(event));
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let i = 1; i < places.length; i++) stream.push(bytes.subarray(places[i - 1], places[i]));
  return events;
}

const message = (data: string): ServerEvent => ({ type: "message", data });

test.each<[string, string, ServerEvent[]]>([
  ["a line of data and an empty line are an event", "data: a\n\n", [message("a")]],
  [
    "the space after the colon may be absent, and only one is dropped",
    "data:a\n\ndata:  b\n\n",
    [message("a"), message(" b")],
  ],
  ["several lines of data are joined", "data: a\ndata: b\ndata\n\n", [message("a\nb\n")]],
  ["lines may end by CR LF", "data: a\r\n\r\ndata: b\r\n\r\n", [message("a"), message("b")]],
  ["lines may end by CR", "data: a\r\rdata: b\r\r", [message("a"), message("b")]],
  ["comments are passed over", ": ping\n\n:\n\ndata: a\n: within\n\n", [message("a")]],
  ["ids, retry times and unknown fields are passed over", "id: 1\nretry: 5\nx: y\ndata: a\n\n", [message("a")]],
  ["an event may be named", "event: error\ndata: a\n\ndata: b\n\n", [{ type: "error", data: "a" }, message("b")]],
  ["a name without data is no event", "event: ping\n\n", []],
  ["empty data is an event", "data:\n\n", [message("")]],
  ["an event without its empty line is none", "data: a\n\ndata: b\n", [message("a")]],
  ["a byte order mark at the start is dropped", "\ufeffdata: a\n\n", [message("a")]],
  ["characters of several bytes", "data: ä€😀\n\n", [message("ä€😀")]],
])("%s, wherever the bytes are cut", (_name, text, expected) => {
  const bytes = Buffer.from(text);
  expect(eventsOf(bytes)).toEqual(expected);
  expect(eventsOf(bytes, [...bytes.keys()])).toEqual(expected);
  for (const cut of bytes.keys()) expect(eventsOf(bytes, [cut])).toEqual(expected);
});

const line = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\ufeff]/g, "x"));
const written = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 3 }),
  end: fc.constantFrom("\n", "\r\n", "\r"),
  comment: fc.boolean(),
});

test("what was written is read, whatever the text, the line ends and the chunks", () => {
  fc.assert(
    fc.property(fc.array(written, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 20 }), (events, cuts) => {
      const text = events.map(({ lines, end, comment }) =>
        [...(comment ? [": c"] : []), ...lines.map((each) => `data: ${each}`), "", ""].join(end),
      );
      const expected = events.map(({ lines }) => message(lines.join("\n")));
      expect(eventsOf(Buffer.from(text.join("")), cuts)).toEqual(expected);
    }),
  );
});

test("an event that never ends is refused before it fills the memory, and long comments are not", () => {
  const stream = new EventStream(() => {});
  const chunk = Buffer.alloc(64 * 1024, "x");
  expect(() => {
    for (let i = 0; i <= LARGEST_EVENT / chunk.length; i++) stream.push(chunk);
  }).toThrow("at most 1048576 characters");
  const talkative = new EventStream(() => {});
  const comment = Buffer.from(`: ${"x".repeat(1000)}\n`);
  for (let i = 0; i < 2 * (LARGEST_EVENT / 1000); i++) talkative.push(comment);
});
