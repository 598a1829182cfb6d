import { expect, test } from "vitest";
import type { Flow } from "../core/model.ts";
import { Pacer, type PacerSetup } from "./pacer.ts";

/** A thousand arrivals a second, from the beginning of the run. */
const FLOW: Flow = {
  ...{ drive: "arrivals", arrivals: "even", think: { min: 0, max: 0 } },
  segments: [{ start: 0, duration: 10_000, from: 1000, to: 1000 }],
};

test("a tick whose time is over before all that is due was sent says so, and the next one goes on", () => {
  let now = 20;
  const clock = { now: () => now++, wall: () => 0 };
  const nobody = { plan: null, places: [], workload: { metrics: [], first: () => null, iterate: () => {} } };
  const pacer = new Pacer({
    ...{ clock, flow: FLOW, opened: nobody, phaseAt: () => 0, flowIndex: 0, seed: 1, share: { index: 0, of: 1 } },
    ...{ end: 10_000, grace: 0, maxInFlight: 0 },
  } as unknown as PacerSetup);
  expect(pacer.pump()).toBe(false);
  clock.now = () => now;
  expect(pacer.pump()).toBe(true);
  expect(pacer.pump()).toBe(true);
});
