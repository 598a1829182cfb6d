import { describe, expect, test } from "vitest";
import type { Ms } from "../core/model.ts";
import { randomStream } from "../core/random.ts";
import type { Activity, StepPlan, StepValues, Target } from "../core/workload.ts";
import { compileSteps } from "./compile.ts";
import { Fiber } from "./fiber.ts";

const call = (endpoint: number): StepPlan => ({ do: "call", service: 0, endpoint });
const NO_PAUSE = { min: 0, max: 0 };

interface Played {
  /** Endpoints called and pauses made, in order. */
  readonly done: string[];
  readonly values: StepValues;
  readonly failed: boolean;
}

/** Plays steps at once; `answers` says of each call whether it is ok, and may set values as captures do. */
async function play(
  steps: readonly StepPlan[],
  answers: (target: Target, values: StepValues, n: number) => boolean = () => true,
  given: object = {},
): Promise<Played> {
  const done: string[] = [];
  const values = { random: randomStream(1), ...given } as unknown as StepValues;
  let calls = 0;
  const activity: Activity = {
    user: { index: 0, id: "user-0", random: values.random, slots: new Map() },
    call: (target, at, then) => {
      done.push(String(target.endpoint));
      const ok = answers(target, at, calls++);
      if (target.endpoint % 2 === 0) then(ok);
      else setImmediate(() => then(ok));
    },
    pause: (length: Ms, then) => {
      if (length > 0) done.push(`pause ${length}`);
      setImmediate(then);
    },
    ask: () => {},
    measure: () => {},
    broke: () => {},
    metric: () => {},
    now: () => 0,
    flow: 0,
    exhausted: () => {},
    onAbandon: null,
  };
  const node = compileSteps(steps);
  const fiber = await new Promise<Fiber>((resolve) => new Fiber(activity, values, resolve).resume(node));
  return { done, values, failed: fiber.failed };
}

const orderOf = async (...args: Parameters<typeof play>): Promise<string> => (await play(...args)).done.join(" ");

describe("steps", () => {
  test("go one after the other, whether calls end at once or later", async () => {
    expect(await orderOf([call(1), call(2), call(3), call(4)])).toBe("1 2 3 4");
  });

  test("of a hundred thousand calls that end at once need no deeper stack", async () => {
    const { done } = await play([{ do: "loop", times: 100_000, steps: [call(2)] }]);
    expect(done).toHaveLength(100_000);
  });

  test("loop as often as they say, by a number or a template", async () => {
    expect(await orderOf([{ do: "loop", times: 2, steps: [call(1), call(2)] }, call(3)])).toBe("1 2 1 2 3");
    expect(await orderOf([{ do: "loop", times: "{{n}}", steps: [call(1)] }, call(3)], undefined, { n: 3 })).toBe(
      "1 1 1 3",
    );
    expect(await orderOf([{ do: "loop", times: "{{n}}", steps: [call(1)] }, call(3)])).toBe("3");
    expect(
      await orderOf([{ do: "loop", times: 2, steps: [{ do: "loop", times: 2, steps: [call(1)] }, call(2)] }]),
    ).toBe("1 1 2 1 1 2");
  });

  test("take one way or the other by a condition", async () => {
    const step: StepPlan = { do: "if", condition: "cart", steps: [call(1)], otherwise: [call(2)] };
    expect(await orderOf([step, call(3)], undefined, { cart: 5 })).toBe("1 3");
    expect(await orderOf([step, call(3)])).toBe("2 3");
  });

  test("repeat until a condition holds, with a pause between, and at most so often", async () => {
    const until = (atMost: number): StepPlan => ({
      do: "until",
      condition: "state == done",
      atMost,
      pause: { min: 5, max: 5 },
      steps: [call(1)],
    });
    const third = (_: Target, values: StepValues, n: number) => {
      values.state = n === 2 ? "done" : "busy";
      return true;
    };
    expect(await orderOf([until(10), call(2)], third)).toBe("1 pause 5 1 pause 5 1 2");
    expect(await orderOf([until(2), call(2)], third)).toBe("1 pause 5 1 2");
  });

  test("try again while a call fails; what failed before stays failed", async () => {
    const retry: StepPlan = { do: "retry", times: 2, pause: NO_PAUSE, steps: [call(1), call(2)] };
    const failing = (until: number) => (target: Target, _: StepValues, n: number) =>
      target.endpoint === 2 || n >= until;
    expect(await play([retry, call(4)], failing(1))).toMatchObject({ done: ["1", "2", "1", "2", "4"], failed: false });
    expect((await play([retry, call(4)], failing(99))).done.join(" ")).toBe("1 2 1 2 1 2 4");
    expect((await play([call(3), retry], (target) => target.endpoint !== 3)).failed).toBe(true);
  });

  test("choose by weight", async () => {
    const ways = [
      { weight: 3, steps: [call(1)] },
      { weight: 1, steps: [call(2)] },
    ];
    const { done } = await play([{ do: "loop", times: 8000, steps: [{ do: "choose", ways }] }]);
    const share = done.filter((each) => each === "1").length / 8000;
    expect(Math.abs(share - 0.75)).toBeLessThan(0.02);
  });

  test("set names to filled values, and take them away", async () => {
    const set = (values: object): StepPlan => ({ do: "set", values: values as Record<string, unknown> });
    const { values } = await play(
      [set({ a: "{{n}}", b: "x{{n}}", c: 1 }), set({ c: null, d: "{{missing}}" })],
      undefined,
      {
        n: 4,
      },
    );
    expect(values).toMatchObject({ a: 4, b: "x4" });
    expect("c" in values || "d" in values).toBe(false);
  });

  test("run beside one another, and go on when all are through; each draws from a stream of its own", async () => {
    const draw: StepPlan = { do: "set", values: { drawn: "{{random.int 1 1000000}}" } };
    const branches = (slow: number) => [
      [call(slow), { ...draw, values: { a: "{{random.int 1 1000000}}" } }],
      [call(3), { ...draw, values: { b: "{{random.int 1 1000000}}" } }],
    ];
    const first = await play([{ do: "parallel", branches: branches(1) }, call(4)]);
    const other = await play([{ do: "parallel", branches: branches(2) }, call(4)]);
    expect(first.done.join(" ")).toBe("1 3 4");
    expect([other.values.a, other.values.b]).toEqual([first.values.a, first.values.b]);
    expect(first.values.a).not.toBe(first.values.b);
    expect((await play([{ do: "parallel", branches: branches(1) }], ({ endpoint }) => endpoint !== 3)).failed).toBe(
      true,
    );
  });
});
