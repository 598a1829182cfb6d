import fc from "fast-check";
import { expect, test } from "vitest";
import { OpenStreams } from "./open_streams.ts";
import { Stream } from "./stream.ts";

function streamOf(id: number): Stream {
  const listener = { head: () => {}, sent: () => {}, data: () => {}, trailers: () => {}, closed: () => {} };
  return Object.assign(new Stream(listener, { fixed: [], varying: [] }), { id });
}

test("streams are found by their numbers, whichever of them end, in whatever order", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 99 }), { maxLength: 300 }), (steps) => {
      const open = new OpenStreams();
      const known = new Map<number, Stream>();
      let next = 1;
      for (const step of steps) {
        const ending = step < 40 ? [...known.values()][step] : undefined;
        if (ending === undefined) {
          known.set(next, streamOf(next));
          open.add(known.get(next)!);
          next += 2;
        } else {
          known.delete(ending.id);
          open.delete(ending);
        }
        expect(open.size).toBe(known.size);
      }
      for (let id = 1; id < next; id += 2) expect(open.get(id)).toBe(known.get(id));
      expect(open.all()).toEqual([...known.values()]);
    }),
  );
});

test("one that is not open is passed over", () => {
  const open = new OpenStreams();
  const [first, other] = [streamOf(1), streamOf(33)];
  open.add(first);
  open.delete(other);
  expect(open.all()).toEqual([first]);
});

test("one that is over holds no other: what is long gone would keep what came after it", () => {
  const open = new OpenStreams();
  const [first, second] = [streamOf(1), streamOf(33)];
  for (const each of [first, second]) open.add(each);
  for (const each of [first, second]) open.delete(each);
  expect([first.next, second.next]).toEqual([null, null]);
});
