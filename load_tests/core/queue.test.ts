import fc from "fast-check";
import { expect, test } from "vitest";
import { type Place, Queue } from "./queue.ts";

const standing = <T>(queue: Queue<T>): T[] => {
  const values: T[] = [];
  for (let place = queue.first; place !== null; place = place.after) values.push(place.value);
  return values;
};

test("whoever joins and leaves, the rest stand in the order in which they came", () => {
  const moves = fc.array(fc.oneof(fc.constant("join" as const), fc.nat({ max: 40 })), { maxLength: 80 });
  fc.assert(
    fc.property(moves, (list) => {
      const queue = new Queue<number>();
      const places: Place<number>[] = [];
      const gone = new Set<number>();
      for (const move of list) {
        if (move === "join") places.push(queue.join(places.length));
        else if (move < places.length) {
          queue.leave(places[move]!);
          gone.add(move);
        }
      }
      const left = [...places.keys()].filter((index) => !gone.has(index));
      expect(standing(queue)).toEqual(left);
      expect(queue.last?.value).toBe(left.at(-1));
      expect(queue.size).toBe(left.length);
    }),
  );
});

test("a place that was left knows no other", () => {
  const queue = new Queue<string>();
  const [first, second] = [queue.join("a"), queue.join("b")];
  queue.leave(first);
  queue.leave(second);
  expect([first, second].map(({ before, after }) => [before, after])).toEqual([
    [null, null],
    [null, null],
  ]);
});
