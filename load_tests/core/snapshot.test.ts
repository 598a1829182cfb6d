import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "./bytes.ts";
import { Histogram } from "./histogram.ts";
import {
  COUNTER,
  COUNTERS,
  decodeSnapshot,
  encodeSnapshot,
  type FailureCount,
  failuresOf,
  mergeSnapshots,
  requestsOf,
  type SeriesDelta,
  type Snapshot,
} from "./snapshot.ts";

const histogram = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { maxLength: 20 }).map((values) => {
  const all = new Histogram();
  for (const value of values) all.record(value);
  return all;
});

const series = fc.record({
  op: fc.nat(200),
  phase: fc.nat(5),
  counts: fc.array(fc.nat(1e9), { minLength: COUNTERS.length, maxLength: COUNTERS.length + 2 }),
  latency: histogram,
  service: histogram,
  metrics: fc.array(histogram, { maxLength: 2 }),
});

const failure: FailureCount = {
  op: 1,
  phase: 0,
  outcome: "timeout",
  status: "DEADLINE_EXCEEDED",
  message: "no answer in 30 s",
  count: 2,
  answers: [],
  first: 100,
  last: 900,
};

const snapshot: fc.Arbitrary<Snapshot> = fc.record({
  from: fc.constant(3000),
  to: fc.constant(4000),
  users: fc.nat(1000),
  inFlight: fc.nat(1000),
  cpu: fc.double({ min: 0, max: 800, noNaN: true }),
  series: fc.array(series, { maxLength: 4 }),
  failures: fc.constant([failure]),
  slowest: fc.constant([]),
  lateness: histogram,
  loopDelay: histogram,
});

/** Histograms by the bytes that a snapshot has of them: one that was read and not used yet keeps its counts in another form. */
const inBytes = (given: Snapshot): unknown =>
  JSON.parse(
    JSON.stringify({ ...given, series: given.series.map(made) }, (_, value) =>
      value instanceof Histogram ? briefBytes(value) : value,
    ),
  );

const made = ({ op, phase, counts, latency, service, metrics }: SeriesDelta) => ({
  ...{ op, phase, counts, latency, service, metrics },
});

function briefBytes(value: Histogram): number[] {
  const out = new ByteWriter();
  value.writeBrief(out);
  return [...out.bytes()];
}

describe("the binary form", () => {
  it("comes back equal, with sums to seven digits", () => {
    fc.assert(
      fc.property(snapshot, (given) => {
        const { unfolded, ...decoded } = decodeSnapshot(encodeSnapshot(given), given);
        expect(unfolded).toBeGreaterThanOrEqual(0);
        expect(inBytes(decoded)).toEqual(inBytes(given));
      }),
    );
  });

  it("of anything else is a RangeError", () => {
    fc.assert(
      fc.property(snapshot, fc.uint8Array({ maxLength: 120 }), fc.nat(), (given, noise, cut) => {
        const bytes = encodeSnapshot(given);
        expect(() => decodeSnapshot(bytes.subarray(0, cut % bytes.length), { failures: [], slowest: [] })).toThrow(
          RangeError,
        );
        expect(() => decodeSnapshot(new Uint8Array([...bytes, 0]), { failures: [], slowest: [] })).toThrow(RangeError);
        try {
          decodeSnapshot(noise, { failures: [], slowest: [] });
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe("a merge", () => {
  it("adds users, calls in flight, lateness and all series", () => {
    fc.assert(
      fc.property(fc.array(snapshot, { minLength: 1, maxLength: 4 }), (parts) => {
        const whole = mergeSnapshots(parts);
        const sum = (pick: (part: Snapshot) => number) => parts.reduce((total, part) => total + pick(part), 0);
        expect(whole.users).toBe(sum((part) => part.users));
        expect(whole.inFlight).toBe(sum((part) => part.inFlight));
        expect(whole.lateness.count).toBe(sum((part) => part.lateness.count));
        expect(whole.loopDelay.count).toBe(sum((part) => part.loopDelay.count));
        expect(whole.series).toEqual(parts.flatMap((part) => part.series));
        expect(whole.failures).toHaveLength(parts.length);
        expect(whole.cpu).toBe(Math.max(...parts.map((part) => part.cpu)));
        expect([whole.from, whole.to]).toEqual([3000, 4000]);
      }),
    );
  });

  it("of late ones is late, of others not", () => {
    const [part] = fc.sample(snapshot, { numRuns: 1, seed: 1 }) as [Snapshot];
    const late = { ...part, late: true };
    expect(mergeSnapshots([late, late]).late).toBe(true);
    expect(mergeSnapshots([late, part]).late ?? false).toBe(false);
  });

  it("of nothing is a RangeError", () => {
    expect(() => mergeSnapshots([])).toThrow(RangeError);
  });
});

it("requests are all outcomes but unsent; failures are those but ok and aborted", () => {
  const counts = COUNTERS.map(() => 1000);
  for (const outcome of ["ok", "timeout", "refused", "aborted", "unsent"] as const) counts[COUNTER[outcome]] = 1;
  expect(requestsOf(counts)).toBe(4 + 5 * 1000);
  expect(failuresOf(counts)).toBe(2 + 5 * 1000);
});
