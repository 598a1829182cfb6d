/** Any number of workers brings exactly the load of one: its instants, its calls, and what is in them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Arrivals, Flow, Phase, Segment } from "../core/model.ts";
import { integer } from "../core/random.ts";
import type { OpenWorkload } from "../core/workload.ts";
import { simulate } from "./simulation.ts";

const SHARES = [1, 2, 3, 7, 32];
const level = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 40, noNaN: true }));

/** Levels, ramps, steps and pauses, one after the other. */
const anySegments = fc
  .array(fc.record({ duration: fc.integer({ min: 1, max: 1500 }), from: level, to: level }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((pieces) => {
    let end = 0;
    return pieces.map((piece): Segment => {
      const start = end;
      end += piece.duration;
      return { start, ...piece };
    });
  });
const anyArrivals = fc.constantFrom<Arrivals>("even", "poisson", { cv: 0.5 }, { cv: 3 });

const phasesOf = (segments: readonly Segment[]): Phase[] => [
  { name: "load", start: 0, duration: segments.at(-1)!.start + segments.at(-1)!.duration, measured: true },
];

/** Every call with its instant, its endpoint and a number drawn for its payload. */
function sentBy(flow: Flow, of: number): string[] {
  const shares = Array.from({ length: of }, (_, index) => ({ index, of }));
  const all = shares.flatMap((share) => {
    const payloads: number[] = [];
    const draw = { service: 0, endpoint: 0 };
    const workload: OpenWorkload = {
      metrics: [],
      iterate: (activity, values, _phase, done) => {
        draw.endpoint = integer(values.random, 0, 1);
        payloads.push(integer(values.random, 0, 999_999));
        activity.call(draw, values, done);
      },
      first: () => draw,
    };
    const { sent } = simulate({
      ...{ flow, share, phases: phasesOf(flow.segments), answers: (at) => ({ at: at + 30 }) },
      opened: { plan: null, workload, places: [] },
    });
    const who = (user: string) => (flow.drive === "users" ? user : "");
    return sent.map(({ at, op, user }, i) => `${at.toFixed(2).padStart(9, "0")} ${op} ${who(user)} ${payloads[i]}`);
  });
  return all.sort();
}

test("by arrivals of every spread: workers together send what one alone sends", () => {
  fc.assert(
    fc.property(anySegments, anyArrivals, fc.constantFrom(...SHARES), (segments, arrivals, of) => {
      const flow: Flow = { drive: "arrivals", arrivals, think: { min: 0, max: 0 }, segments };
      expect(sentBy(flow, of)).toEqual(sentBy(flow, 1));
    }),
    { numRuns: 25 },
  );
});

test("by users: workers together send what one alone sends, each user its own", () => {
  fc.assert(
    fc.property(anySegments, fc.constantFrom(...SHARES), (segments, of) => {
      const flow: Flow = { drive: "users", arrivals: "even", think: { min: 50, max: 400 }, segments };
      expect(sentBy(flow, of)).toEqual(sentBy(flow, 1));
    }),
    { numRuns: 25 },
  );
});

test("a plan of all kinds of phases is shared exactly by each number of workers", () => {
  const segments: Segment[] = [
    { start: 0, duration: 2000, from: 0, to: 60 },
    { start: 2000, duration: 1000, from: 60, to: 60 },
    { start: 3000, duration: 500, from: 0, to: 0 },
    { start: 3500, duration: 1000, from: 200, to: 200 },
    { start: 4500, duration: 1500, from: 200, to: 7.5 },
  ];
  for (const drive of ["users", "arrivals"] as const) {
    const flow: Flow = { drive, arrivals: "poisson", think: { min: 100, max: 300 }, segments };
    const whole = sentBy(flow, 1);
    expect(whole.length).toBeGreaterThan(200);
    for (const of of SHARES) expect(sentBy(flow, of), `${drive}, ${of} workers`).toEqual(whole);
  }
});
