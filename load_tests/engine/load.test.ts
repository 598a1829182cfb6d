/** Users, pacer, measurement and recorder together, in virtual time: exact, and without noise. */
import { describe, expect, test } from "vitest";
import { type Histogram, mergeHistograms } from "../core/histogram.ts";
import type { Flow, Ms, Phase } from "../core/model.ts";
import { COUNTER, type Counter } from "../core/snapshot.ts";
import { type Answers, type SimulationResult, simulate } from "./simulation.ts";

const phase = (seconds: number, measured = true): Phase => ({
  name: "load",
  start: 0,
  duration: seconds * 1000,
  measured,
});
const rate = (perSecond: number, seconds: number, arrivals: Flow["arrivals"] = "even"): Flow => ({
  ...{ drive: "arrivals", arrivals, think: { min: 0, max: 0 } },
  segments: [{ start: 0, duration: seconds * 1000, from: perSecond, to: perSecond }],
});
const users = (n: number, seconds: number, think: { min: Ms; max: Ms }): Flow => ({
  ...{ drive: "users", arrivals: "even", think },
  segments: [{ start: 0, duration: seconds * 1000, from: n, to: n }],
});
const answered =
  (ms: Ms): Answers =>
  (sent) => ({ at: sent + ms });

/** A service that answers in `ms`, but between `from` and `to` holds every answer back. */
const frozen =
  (ms: Ms, from: Ms, to: Ms): Answers =>
  (sent) => ({ at: sent + ms > from && sent < to ? to + ms : sent + ms });

const total = ({ snapshots }: SimulationResult, counter: Counter): number =>
  snapshots.flatMap(({ series }) => series).reduce((sum, { counts }) => sum + counts[COUNTER[counter]]!, 0);
const latency = ({ snapshots }: SimulationResult): Histogram =>
  mergeHistograms(snapshots.flatMap(({ series }) => series.map((each) => each.latency)));
const service = ({ snapshots }: SimulationResult): Histogram =>
  mergeHistograms(snapshots.flatMap(({ series }) => series.map((each) => each.service)));
const lateness = ({ snapshots }: SimulationResult): Histogram =>
  mergeHistograms(snapshots.map((each) => each.lateness));

describe("arrivals", () => {
  test("each is sent within half a millisecond of its due, and all are sent", () => {
    const run = simulate({ flow: rate(100, 10), phases: [phase(10)], answers: answered(5) });
    expect(run.sent).toHaveLength(1000);
    for (const [k, { at }] of run.sent.entries()) expect(Math.abs(at - k * 10)).toBeLessThanOrEqual(0.5);
    expect(latency(run).percentile(0.99)).toBeCloseTo(5, 0);
  });

  test("when the service freezes for a second, percentiles are those of the due times", () => {
    const run = simulate({ flow: rate(100, 12), phases: [phase(12)], answers: frozen(5, 4000, 5000) });
    const truth = Array.from({ length: 1200 }, (_, k) => frozen(5, 4000, 5000)(k * 10).at - k * 10).sort(
      (a, b) => a - b,
    );
    expect(latency(run).count).toBe(1200);
    for (const p of [0.5, 0.9, 0.95, 0.99, 0.999]) {
      const expected = truth[Math.ceil(p * 1200) - 1]!;
      expect(Math.abs(latency(run).percentile(p)! - expected)).toBeLessThanOrEqual(1 + expected * 0.001);
    }
    expect(latency(run).percentile(0.99)).toBeGreaterThan(850);
  });

  test("beyond max_in_flight they are unsent by the limit, in the second of their due", () => {
    const flow = rate(100, 10);
    const run = simulate({
      flow,
      phases: [phase(10)],
      answers: () => ({ at: Number.POSITIVE_INFINITY }),
      maxInFlight: 50,
      grace: 1000,
    });
    expect(run.sent).toHaveLength(50);
    expect(total(run, "unsent")).toBe(950);
    expect(total(run, "unsent-limit")).toBe(950);
    expect(total(run, "aborted")).toBe(50);
    expect(run.snapshots[5]!.series.reduce((sum, { counts }) => sum + counts[COUNTER.unsent]!, 0)).toBe(100);
    expect(latency(run).count).toBe(0);
  });

  test("a generator that stood still sends what fell due meanwhile late, says how late, and times from the due", () => {
    const run = simulate({
      flow: rate(100, 12),
      phases: [phase(12)],
      answers: answered(5),
      stopped: [{ from: 4000, to: 6000 }],
    });
    expect(run.sent).toHaveLength(1200);
    expect(lateness(run).percentile(0.99)).toBeGreaterThan(1800);
    expect(latency(run).percentile(0.99)).toBeGreaterThan(1800);
    expect(service(run).percentile(0.99)).toBeLessThan(10);
  });

  test("behind its schedule, each answer lets one arrival go, so that the answers behind it are read soon", () => {
    const run = simulate({
      flow: rate(1000, 3),
      phases: [phase(3)],
      answers: frozen(5, 950, 1200),
      stopped: [{ from: 1000, to: 1400 }],
    });
    const [first] = run.sent.filter(({ at }) => at >= 1000);
    const atOnce = run.sent.filter(({ at }) => at === first!.at).length;
    const answers = run.sent.filter(({ at }) => at > 945 && at < 1000).length;
    expect(atOnce).toBe(answers);
    expect(run.sent).toHaveLength(3000);
  });

  test("what could not be sent by the end of the plan is unsent as late, and the run does not grow longer", () => {
    const run = simulate({
      flow: rate(100, 10),
      phases: [phase(10)],
      answers: answered(5),
      stopped: [{ from: 5000, to: 10_500 }],
    });
    expect(run.sent.length + total(run, "unsent-late")).toBe(1000);
    expect(total(run, "unsent-late")).toBeGreaterThan(450);
    expect(run.endedAt).toBeLessThan(10_700);
    expect(run.snapshots.filter(({ late }) => late).length).toBeGreaterThan(0);
  });

  test.each(["even", "poisson"] as const)("shares together send what one alone sends: %s", (arrivals) => {
    const flow = rate(50, 5, arrivals);
    const all = (of: number) =>
      Array.from({ length: of }, (_, index) =>
        simulate({ flow, phases: [phase(5)], answers: answered(1), share: { index, of } }).sent.map(
          ({ at, op }) => `${at} ${op}`,
        ),
      )
        .flat()
        .sort();
    expect(all(3)).toEqual(all(1));
  });
});

describe("users", () => {
  test("think after each answer, and each has a random stream of its own that the seed repeats", () => {
    const setup = { flow: users(20, 10, { min: 500, max: 1500 }), phases: [phase(10)], answers: answered(20) };
    const run = simulate(setup);
    expect(simulate(setup).sent).toEqual(run.sent);
    expect(simulate({ ...setup, seed: 2 }).sent).not.toEqual(run.sent);
    const times = run.sent.filter(({ user }) => user === "user-3").map(({ at }) => at);
    const gaps = times.slice(1).map((at, i) => at - times[i]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(519);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1522);
  });

  test("a spawn rate starts user k at k / rate, and users come and go in the order of their numbers", () => {
    const segments = [
      { start: 0, duration: 5000, from: 0, to: 10 },
      { start: 5000, duration: 5000, from: 10, to: 10 },
      { start: 10_000, duration: 5000, from: 4, to: 4 },
    ];
    const flow: Flow = { drive: "users", arrivals: "even", think: { min: 100, max: 200 }, segments };
    const run = simulate({ flow, phases: [phase(15)], answers: answered(10) });
    for (let k = 0; k < 10; k++) {
      const first = run.sent.find(({ user }) => user === `user-${k}`)!;
      expect(Math.abs(first.at - k * 500)).toBeLessThanOrEqual(1.25);
    }
    expect(run.usersAt.slice(1, 6)).toEqual([3, 5, 7, 9, 10]);
    expect(run.usersAt.slice(11, 14)).toEqual([4, 4, 4]);
    expect(new Set(run.sent.filter(({ at }) => at > 10_300).map(({ user }) => user))).toEqual(
      new Set(["user-0", "user-1", "user-2", "user-3"]),
    );
  });

  test("users are there up to the end of their last second, and gone after it", () => {
    const run = simulate({ flow: users(7, 5, { min: 100, max: 900 }), phases: [phase(5)], answers: answered(10) });
    expect(run.snapshots.slice(0, 5).map((each) => each.users)).toEqual([7, 7, 7, 7, 7]);
  });

  test("a service that freezes for a second is felt by every user that was due in it, and its median stays", () => {
    const flow = users(200, 12, { min: 1000, max: 3000 });
    const answers = frozen(5, 4000, 5000);
    const run = simulate({ flow, phases: [phase(12)], answers });
    const truth = run.sent.map(({ at }) => answers(at).at - at).sort((a, b) => a - b);
    for (const p of [0.5, 0.75, 0.9, 0.95, 0.99]) {
      const expected = truth[Math.ceil(p * truth.length) - 1]!;
      expect(Math.abs(latency(run).percentile(p)! - expected)).toBeLessThanOrEqual(1 + expected * 0.001);
    }
    expect(latency(run).max).toBeGreaterThan(900);
    expect(service(run).percentile(0.5)).toBeLessThan(6);
    expect(total(run, "unsent")).toBe(0);
  });

  test("are called at the tick next to their due, however long they thought", () => {
    const segments = [
      { start: 0, duration: 1000, from: 0, to: 37 },
      { start: 1000, duration: 9000, from: 37, to: 37 },
    ];
    const flow: Flow = { drive: "users", arrivals: "even", think: { min: 50, max: 150 }, segments };
    const run = simulate({ flow, phases: [phase(10)], answers: answered(3), tick: 1.25 });
    expect(lateness(run).count).toBeGreaterThan(2000);
    expect(lateness(run).mean).toBeLessThan(0.3);
    expect(lateness(run).max).toBeLessThanOrEqual(1.25);
  });

  test("a call that is open at the end is waited for during the grace, then cut and counted as aborted", () => {
    const flow = users(5, 3, { min: 100, max: 100 });
    const slow: Answers = (sent) => ({ at: sent < 2500 ? sent + 10 : sent + 60_000 });
    const run = simulate({ flow, phases: [phase(3)], answers: slow, grace: 2000 });
    expect(total(run, "aborted")).toBe(5);
    expect(run.endedAt).toBeGreaterThanOrEqual(4999);
    expect(run.endedAt).toBeLessThan(5010);
    expect(total(run, "ok") + total(run, "aborted")).toBe(run.sent.length);
  });

  test("a call without an answer is a timeout with its full time", () => {
    const flow = users(3, 5, { min: 100, max: 100 });
    const run = simulate({
      flow,
      phases: [phase(5)],
      answers: () => ({ at: Number.POSITIVE_INFINITY }),
      timeout: 1000,
    });
    expect(total(run, "timeout")).toBe(run.sent.length);
    expect(latency(run).percentile(0.5)).toBeGreaterThanOrEqual(999);
    expect(run.snapshots.flatMap(({ failures }) => failures)[0]).toMatchObject({
      outcome: "timeout",
      status: "TIMEOUT",
    });
  });

  test.each([
    ["says that time is up", "timeout"],
    ["cuts the call by its protocol's word for it", "reset"],
  ] as const)("a service that at the deadline %s says what we say; an early word is its own", (_, outcome) => {
    const after = [500, 998, Number.POSITIVE_INFINITY];
    let calls = 0;
    const run = simulate({
      flow: users(3, 5, { min: 100, max: 100 }),
      phases: [phase(5)],
      answers: (sent) => ({ at: sent + after[calls++ % 3]!, outcome }),
      timeout: 1000,
    });
    const said = run.snapshots.flatMap(({ failures }) => failures.map(({ status, message }) => `${status} ${message}`));
    expect([...new Set(said)].sort()).toEqual(["TIMEOUT no answer in 1 s", `${outcome} `]);
  });

  test("calls are drawn by weight", () => {
    const run = simulate({ flow: users(100, 20, { min: 10, max: 10 }), phases: [phase(20)], answers: answered(90) });
    const share = run.sent.filter(({ op }) => op === "GET /a").length / run.sent.length;
    expect(run.sent.length).toBeGreaterThan(15_000);
    expect(Math.abs(share - 0.75)).toBeLessThan(0.02);
  });
});

test("a call belongs to the phase of its due and to the second of its end", () => {
  const phases: Phase[] = [
    { name: "one", start: 0, duration: 2000, measured: true },
    { name: "two", start: 2000, duration: 2000, measured: false },
  ];
  const run = simulate({ flow: rate(10, 4), phases, answers: answered(1510) });
  const counted = run.snapshots.map(({ series }) => series.map(({ phase, counts }) => [phase, counts[COUNTER.ok]]));
  const ok = (second: number, wanted: number) =>
    counted[second]!.filter(([phase]) => phase === wanted).reduce((sum, [, n]) => sum + n!, 0);
  expect(ok(0, 0)).toBe(0);
  expect(ok(3, 0)).toBe(5);
  expect(ok(3, 1)).toBe(5);
  expect(mergeHistograms(run.snapshots.map((each) => each.lateness)).count).toBe(20);
});
