import fc from "fast-check";
import { expect, test } from "vitest";
import { type Timer, timerFor, Wheel } from "./wheel.ts";

test("timers fire in the tick nearest to their time, whatever the steps of the clock", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1, max: 20_000, noNaN: true }), { maxLength: 50 }),
      fc.array(fc.double({ min: 0.1, max: 6_000, noNaN: true }), { minLength: 1, maxLength: 20 }),
      (times, steps) => {
        const wheel = new Wheel();
        const fired: { at: number; now: number; before: number }[] = [];
        let now = 0;
        let before = 0;
        for (const at of times)
          wheel.add(
            timerFor(() => fired.push({ at, now, before })),
            at,
          );
        for (const step of [...steps, 25_000]) {
          before = now;
          now += step;
          wheel.advance(now);
        }
        expect(fired).toHaveLength(times.length);
        for (const each of fired) {
          expect(each.now).toBeGreaterThanOrEqual(each.at - 0.5 - 1e-6);
          expect(Math.round(each.before)).toBeLessThan(Math.ceil(each.at));
        }
      },
    ),
  );
});

test("a cancelled timer does not fire, and a moved one fires at its new time only", () => {
  const wheel = new Wheel();
  const fired: string[] = [];
  const cancelled = timerFor(() => fired.push("cancelled"));
  const moved = timerFor(() => fired.push("moved"));
  wheel.add(cancelled, 5);
  wheel.add(moved, 5);
  wheel.cancel(cancelled);
  wheel.add(moved, 9_000);
  wheel.advance(8_999);
  expect(fired).toEqual([]);
  wheel.advance(9_000);
  expect(fired).toEqual(["moved"]);
});

test("a timer that cancels another of the same tick keeps it from firing", () => {
  const wheel = new Wheel();
  const fired: string[] = [];
  const one: Timer = timerFor(() => {
    fired.push("one");
    wheel.cancel(two);
  });
  const two: Timer = timerFor(() => {
    fired.push("two");
    wheel.cancel(one);
  });
  wheel.add(one, 3);
  wheel.add(two, 3);
  wheel.advance(10);
  expect(fired).toHaveLength(1);
});

test("a timer added while the wheel turns fires in a later tick, not in the same", () => {
  const wheel = new Wheel();
  let turns = 0;
  const again: Timer = timerFor(() => {
    turns++;
    wheel.add(again, 0);
  });
  wheel.add(again, 1);
  wheel.advance(10);
  expect(turns).toBe(10);
});

test("what has no time in one turn fires in the next ones, in the order of its time, and can still be cancelled", () => {
  const wheel = new Wheel();
  const fired: number[] = [];
  const timers = Array.from({ length: 20 }, (_, i) => timerFor(() => fired.push(i)));
  timers.forEach((each, i) => {
    wheel.add(each, 1 + Math.floor(i / 5));
  });
  let left = 0;
  const three = () => --left > 0;
  const turn = (): boolean => {
    left = 3;
    return wheel.advance(4, three);
  };
  expect(turn()).toBe(false);
  expect(fired).toEqual([0, 1, 2]);
  wheel.cancel(timers[4]!);
  wheel.cancel(timers[17]!);
  for (let n = 0; n < 10 && !turn(); n++);
  const expected = timers.map((_, i) => i).filter((i) => i !== 4 && i !== 17);
  expect(fired).toEqual(expected);
});

test("a timer at no time at all fires at once, and is not waited for for ever", () => {
  const wheel = new Wheel();
  let fired = 0;
  wheel.add(
    timerFor(() => fired++),
    Number.NaN,
  );
  wheel.advance(2);
  expect(fired).toBe(1);
});
