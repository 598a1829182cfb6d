import { describe, expect, test } from "vitest";
import type { Flow, Phase } from "../core/model.ts";
import { COUNTER } from "../core/snapshot.ts";
import type { OpenWorkload, WorkloadPlan } from "../core/workload.ts";
import { compileSteps } from "../workloads/compile.ts";
import { Fiber } from "../workloads/fiber.ts";
import { type SimulationResult, type SimulationSetup, simulate } from "./simulation.ts";
import type { Opened } from "./workloads.ts";

const SECOND = 1000;
const phase = (seconds: number): Phase => ({ name: "load", start: 0, duration: seconds * SECOND, measured: true });
const users = (count: number, seconds: number, more: Partial<Flow> = {}): Flow => ({
  drive: "users",
  arrivals: "even",
  think: { min: 100, max: 100 },
  segments: [{ start: 0, duration: seconds * SECOND, from: count, to: count }],
  ...more,
});
const at = (endpoint: number) => ({ service: 0, endpoint });

/** A task of calls to the first endpoint, framed by calls to the second. */
const tasks = (calls: number): OpenWorkload => ({
  metrics: [],
  start: (activity, values, done) => activity.call(at(1), values, done),
  iterate: (activity, values, _phase, done) => {
    const next = (left: number): void => (left === 0 ? done() : activity.call(at(0), values, () => next(left - 1)));
    next(calls);
  },
  stop: (activity, values, done) => activity.call(at(1), values, done),
  first: () => at(0),
});

const opened = (workload: OpenWorkload, plan: Partial<WorkloadPlan> = {}): Opened => ({
  plan: {
    ...{ name: "w", kind: "test", tasks: [], onStart: [], onStop: [], settings: null },
    ...{ think: null, pacing: null, periods: null, session: null },
    ...plan,
  },
  workload,
  places: [],
});

const single: OpenWorkload = { metrics: [], iterate: tasks(1).iterate, first: () => at(0) };
const run = (setup: Omit<SimulationSetup, "answers"> & Partial<SimulationSetup>): SimulationResult =>
  simulate({ answers: (sent) => ({ at: sent + 10 }), ...setup });
const count = ({ sent }: SimulationResult, op: string): number => sent.filter((each) => each.op === op).length;
const unsentOf = ({ snapshots }: SimulationResult): number =>
  snapshots.reduce(
    (sum, { series }) => sum + series.reduce((n, { counts }) => n + counts[COUNTER["unsent-limit"]]!, 0),
    0,
  );

describe("a session", () => {
  test("begins and ends once for each user, whatever the user was at when its time was over", () => {
    const result = run({ flow: users(7, 3), phases: [phase(3)], opened: opened(tasks(3)) });
    expect(count(result, "GET /b")).toBe(14);
    expect(new Set(result.sent.map(({ user }) => user)).size).toBe(7);
  });

  test("that is over is followed by another, of a user with another name", () => {
    const plan = { session: { min: 1000, max: 1000 } };
    const result = run({ flow: users(2, 5), phases: [phase(5)], opened: opened(tasks(1), plan) });
    const names = new Set(result.sent.map(({ user }) => user));
    expect([...names].filter((name) => name.startsWith("user-0"))).toEqual(
      expect.arrayContaining(["user-0", "user-0-1", "user-0-2", "user-0-3"]),
    );
    expect(count(result, "GET /b")).toBe(2 * names.size);
  });

  test("of arrivals begins with the first that a user carries, and ends after the last", () => {
    const flow = {
      ...users(1, 2),
      drive: "arrivals" as const,
      segments: [{ start: 0, duration: 2000, from: 50, to: 50 }],
    };
    const result = run({ flow, phases: [phase(2)], opened: opened(tasks(2)) });
    expect(count(result, "GET /a")).toBe(200);
    expect(count(result, "GET /b")).toBe(2 * new Set(result.sent.map(({ user }) => user)).size);
  });
});

describe("pacing", () => {
  test("begins a task at each instant of the user's grid", () => {
    const result = run({ flow: users(1, 2), phases: [phase(2)], opened: opened(single, { pacing: 250 }) });
    expect(result.sent).toHaveLength(8);
    for (const [i, each] of result.sent.entries()) expect(Math.abs(each.at - 250 * i)).toBeLessThanOrEqual(1);
  });

  test("a service that freezes for 3 s leaves its mark: late answers are timed from the grid, what passed is unsent", () => {
    const frozen = (sent: number) => ({ at: sent >= 5000 && sent < 8000 ? 8000 : sent + 5 });
    const result = simulate({
      ...{ flow: users(5, 12), phases: [phase(12)], answers: frozen, opened: opened(single, { pacing: 50 }) },
    });
    const sent = result.sent.length;
    expect(sent + unsentOf(result)).toBe(5 * 12 * 20);
    expect(unsentOf(result)).toBeGreaterThanOrEqual(5 * 58);
    const late = result.snapshots.map(({ series }) => Math.max(0, ...series.map(({ latency }) => latency.max)));
    expect(Math.max(...late)).toBeGreaterThan(2900);
  });

  test("users that are active for a while and idle for a while offer nothing when idle", () => {
    const plan = { pacing: 100, periods: { active: { min: 1000, max: 1000 }, idle: { min: 3000, max: 3000 } } };
    const result = run({ flow: users(3, 8), phases: [phase(8)], opened: opened(single, plan) });
    expect(count(result, "GET /a")).toBe(3 * 2 * 10);
    expect(unsentOf(result)).toBe(0);
  });
});

describe("iterations", () => {
  test.each([1, 2, 3, 7])("are exact, shared by %i workers", (of) => {
    const flow = users(5, 1000, { iterations: 83, think: { min: 0, max: 20 } });
    const parts = Array.from({ length: of }, (_, index) =>
      run({ flow, phases: [phase(20)], share: { index, of }, opened: opened(single) }),
    );
    expect(parts.reduce((sum, part) => sum + part.sent.length, 0)).toBe(83);
  });

  test("of arrivals are the first so many", () => {
    const flow = { ...users(1, 10), drive: "arrivals" as const, iterations: 25 };
    const result = run({
      flow: { ...flow, segments: [{ start: 0, duration: 10_000, from: 10, to: 10 }] },
      phases: [phase(10)],
    });
    expect(result.sent).toHaveLength(25);
    expect(Math.round(result.sent.at(-1)!.at)).toBe(2400);
  });
});

describe("a call that our own machine could not send", () => {
  test("is tried again by `retry`, as any that failed, and the task goes on", () => {
    const node = compileSteps([
      { do: "retry", times: 3, pause: { min: 20, max: 20 }, steps: [{ do: "call", ...at(0) }] },
      { do: "call", ...at(1) },
    ]);
    const workload: OpenWorkload = {
      metrics: [],
      iterate: (activity, values, _phase, done) => new Fiber(activity, values, () => done()).resume(node),
      first: () => at(0),
    };
    let tries = 0;
    const answers = (sent: number) =>
      ++tries % 3 === 0 || tries > 30 ? { at: sent + 10 } : { at: sent + 1, outcome: "unsent" as const };
    const result = simulate({ flow: users(1, 2), phases: [phase(2)], opened: opened(workload), answers });
    const machine = result.snapshots.flatMap(({ series }) =>
      series.map(({ counts }) => counts[COUNTER["unsent-machine"]]!),
    );
    expect(machine.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(5);
    const [first, second, third, next] = result.sent;
    expect([second!.at - first!.at, third!.at - second!.at]).toEqual([expect.closeTo(21, 0), expect.closeTo(21, 0)]);
    expect(next).toMatchObject({ op: "GET /b" });
  });
});
