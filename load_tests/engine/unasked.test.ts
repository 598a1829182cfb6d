import { describe, expect, test } from "vitest";
import type { Phase, Scenario } from "../core/model.ts";
import type { Op, User } from "../core/plugin.ts";
import { randomStream } from "../core/random.ts";
import { decodeSnapshot, type Snapshot } from "../core/snapshot.ts";
import type { Bench } from "./bench.ts";
import { OpenCalls } from "./open_calls.ts";
import { Recorder } from "./recorder.ts";
import type { Steps } from "./steps.ts";
import { unaskedCalls } from "./unasked.ts";
import { Wheel } from "./wheel.ts";

const places = { names: [], first: -1, gap: -1, extra: 0 };
const phase = (name: string, start: number): Phase => ({ name, start, duration: 1000, measured: true });
const user: User = { index: 0, id: "u", random: randomStream(1), slots: new Map() };
const op: Op = { name: "push", method: "WS", endpoint: null, firstItem: null, gap: null, start: () => {} };

/** A run of two phases of a second, whose time the test sets; wall time is a million milliseconds ahead. */
function world() {
  let now = 0;
  let open = true;
  const snapshots: Snapshot[] = [];
  const recorder = new Recorder({
    metrics: [places],
    phases: [phase("first", 0), phase("second", 1000)],
    slos: [],
    gauges: () => ({ users: 0, inFlight: 0, cpu: 0 }),
    flush: ({ bytes, beside }) => snapshots.push(decodeSnapshot(bytes, beside)),
  });
  const wheel = new Wheel();
  const clock = { now: () => now, wall: () => now + 1e6 };
  const bench: Bench = {
    clock,
    wheel,
    recorder,
    open: new OpenCalls(),
    mask: (text) => text,
    tap: null,
    show: null,
    phaseAt: (t) => (t < 1000 ? 0 : 1),
    held: new Set(),
    machineFault: () => {},
  };
  const compiled = { op, id: 0, timeout: 5000, places, check: null };
  const steps = { compiled: [compiled] } as unknown as Steps;
  const unasked = unaskedCalls(bench, steps, { duration: 2000 } as Scenario, () => open);
  return {
    ...unasked,
    at: (t: number) => {
      now = t;
      wheel.advance(t);
    },
    stop: () => {
      open = false;
    },
    series: () => {
      recorder.finish(now);
      return snapshots.flatMap(({ series }) => series);
    },
  };
}

describe("a call that no plan asks for", () => {
  test("lasts from the time that it is said to be sent, and is of that time's phase", () => {
    const { begin, at, series } = world();
    at(1200);
    begin(op, user, 1e6 + 900)!.end("ok", "OK");
    const [only, ...more] = series();
    expect(more).toEqual([]);
    expect(only!.phase).toBe(0);
    expect(only!.latency.count).toBe(1);
    expect(only!.latency.percentile(0.5)).toBeCloseTo(300, 0);
  });

  test("is never older than nothing, whatever the other clock says", () => {
    const { begin, at, series } = world();
    at(100);
    begin(op, user, 1e6 + 5000)!.end("ok", "OK");
    expect(series()[0]!.latency.percentile(0.5)).toBe(0);
  });

  test("lasts from now where no time is said", () => {
    const { begin, at, series } = world();
    at(100);
    const call = begin(op, user)!;
    at(150);
    call.end("ok", "PONG");
    expect(series()[0]!.latency.percentile(0.5)).toBeCloseTo(50, 0);
  });

  test("does not begin after the end, nor after a stop, and is cut at the end", () => {
    const { begin, at, stop, series } = world();
    at(1900);
    begin(op, user);
    at(2100);
    expect(begin(op, user)).toBeNull();
    expect(series()[0]!.latency.count).toBe(0);
    const other = world();
    other.stop();
    expect(other.begin(op, user)).toBeNull();
    stop();
  });
});

test("what is to be done every so often is done until it is stopped", () => {
  const { every, at } = world();
  const seen: number[] = [];
  let t = 0;
  const stop = every(100, () => seen.push(t));
  for (; t <= 1000; t += 10) {
    at(t);
    if (t === 450) stop();
  }
  expect(seen).toEqual([100, 200, 300, 400]);
});
