import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { randomStream } from "../core/random.ts";
import { standInSchema } from "../core/standin.ts";
import { type Behaviour, createBehaviour, type Fate } from "./behaviour.ts";
import type { Settings } from "./fixture.ts";

const make = (settings: Settings, seed = 1, die = () => {}): Behaviour =>
  createBehaviour(standInSchema.parse(settings), randomStream(seed), { shut: die, open: () => {} });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("what becomes of calls", () => {
  const share = fc.double({ min: 0, max: 0.25, noNaN: true });

  test("the same seed gives the same lots", () => {
    const [a, b] = [make({ error_rate: 0.5 }, 7), make({ error_rate: 0.5 }, 7)];
    for (let i = 0; i < 100; i++) expect(a.begin()).toEqual(b.begin());
  });

  test("faults of HTTP come as often as their shares say, and cost no draw where there are none", () => {
    const behaviour = make({ faults: { reset: "10%", 503: 0.2 } });
    const counts = new Map<string | null, number>();
    for (let i = 0; i < 4000; i++) {
      const fault = behaviour.fault();
      counts.set(fault, (counts.get(fault) ?? 0) + 1);
    }
    expect(counts.get("reset")! / 4000).toBeCloseTo(0.1, 1);
    expect(counts.get("503")! / 4000).toBeCloseTo(0.2, 1);
    expect([...counts.keys()].toSorted()).toEqual(["503", "reset", null].toSorted());
    const plain = make({ error_rate: 0.5 }, 7);
    expect(plain.fault()).toBeNull();
    expect(plain.begin()).toEqual(make({ error_rate: 0.5 }, 7).begin());
  });

  test.each(["rest", "200", "600", "Reset"])("%s is no fault", (name) => {
    expect(() => make({ faults: { [name]: 0.1 } } as Settings)).toThrow(
      /expected a status of 400 to 599 or one of reset/,
    );
  });

  test("each fate comes as often as its share says", () => {
    fc.assert(
      fc.property(
        share,
        share,
        share,
        share,
        fc.integer(),
        (error_rate, soft_error_rate, limit_rate, hang_rate, seed) => {
          const behaviour = make({ error_rate, soft_error_rate, limit_rate, hang_rate }, seed);
          const n = 4000;
          const counts: Record<Fate, number> = { ok: 0, error: 0, "soft-error": 0, limited: 0, hang: 0 };
          for (let i = 0; i < n; i++) counts[behaviour.begin().fate]++;
          const near = (count: number, p: number) =>
            expect(Math.abs(count - n * p)).toBeLessThanOrEqual(1 + 5.5 * Math.sqrt(n * p * (1 - p)));
          near(counts.error, error_rate);
          near(counts["soft-error"], soft_error_rate);
          near(counts.limited, limit_rate);
          near(counts.hang, hang_rate);
        },
      ),
      { seed: 1, numRuns: 50 },
    );
  });

  test("a share of 1 takes every call and a share of 0 none", () => {
    for (const [settings, fate] of [
      [{ error_rate: 1 }, "error"],
      [{ limit_rate: "100%" }, "limited"],
      [{}, "ok"],
    ] as const) {
      const behaviour = make(settings);
      for (let i = 0; i < 1000; i++) expect(behaviour.begin().fate).toBe(fate);
    }
  });
});

describe("when calls are answered", () => {
  test("the latency lies evenly within the jitter", () => {
    const behaviour = make({ latency: "100ms", jitter: "10ms" });
    const drawn = Array.from({ length: 4000 }, () => behaviour.begin().latency);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(90);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(110);
    expect(drawn.reduce((a, b) => a + b, 0) / drawn.length).toBeCloseTo(100, 0);
  });

  test("a latency of 0 answers at once and without a timer", () => {
    const seen: Fate[] = [];
    make({ latency: 0 }).play((fate) => seen.push(fate));
    expect(seen).toEqual(["ok"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("an answer waits for its latency", () => {
    const seen: number[] = [];
    make({ latency: "50ms", jitter: 0 }).play((_, latency) => seen.push(latency));
    vi.advanceTimersByTime(49);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(seen).toEqual([50]);
  });

  test("a call that hangs is never answered", () => {
    const seen: Fate[] = [];
    make({ latency: 0, hang_rate: 1 }).play((fate) => seen.push(fate));
    vi.advanceTimersByTime(1e9);
    expect(seen).toEqual([]);
  });
});

describe("a freeze", () => {
  test("holds all answers from its start after the first call, and lets them go at its end, in order", () => {
    const behaviour = make({ latency: 0, freeze: { at: "1s", for: "500ms" } });
    const seen: string[] = [];
    vi.advanceTimersByTime(5000); // the clock has not started: nothing was called
    behaviour.play(() => seen.push("first"));
    vi.advanceTimersByTime(999);
    behaviour.play(() => seen.push("before"));
    expect(seen).toEqual(["first", "before"]);
    vi.advanceTimersByTime(1);
    behaviour.play(() => seen.push("held"));
    behaviour.after(10, () => seen.push("held later"));
    vi.advanceTimersByTime(499);
    expect(seen).toEqual(["first", "before"]);
    vi.advanceTimersByTime(1);
    expect(seen).toEqual(["first", "before", "held", "held later"]);
    behaviour.play(() => seen.push("after"));
    expect(seen.at(-1)).toBe("after");
  });

  test("at 0 holds the first call too", () => {
    const behaviour = make({ latency: 0, freeze: { at: 0, for: 1 } });
    const seen: Fate[] = [];
    behaviour.play((fate) => seen.push(fate));
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(seen).toEqual(["ok"]);
  });
});

test("death comes once, its time after the first call", () => {
  const die = vi.fn();
  const behaviour = make({ dies_after: "2s" }, 1, die);
  vi.advanceTimersByTime(10_000);
  expect(die).not.toHaveBeenCalled();
  behaviour.begin();
  vi.advanceTimersByTime(1000);
  behaviour.begin();
  vi.advanceTimersByTime(999);
  expect(die).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1e6);
  expect(die).toHaveBeenCalledTimes(1);
});
