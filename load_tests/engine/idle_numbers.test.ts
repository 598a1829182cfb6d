import fc from "fast-check";
import { expect, test } from "vitest";
import { IdleNumbers } from "./idle_numbers.ts";

test("the lowest free number is taken, and no number is taken twice", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (takes) => {
      const idle = new IdleNumbers();
      const taken: number[] = [];
      for (const take of takes) {
        if (take || taken.length === 0) {
          const lowest = [...Array(taken.length + 1).keys()].find((n) => !taken.includes(n))!;
          expect(idle.take()).toBe(lowest);
          taken.push(lowest);
        } else idle.give(taken.splice(taken.length >> 1, 1)[0]!);
      }
    }),
  );
});
