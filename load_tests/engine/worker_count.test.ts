import { expect, test } from "vitest";
import type { Flow, Scenario } from "../core/model.ts";
import { workersFor } from "./worker_count.ts";

const straight = (level: number) => [{ start: 0, duration: 1000, from: 0, to: level }];
const rate = (perSecond: number): Flow => ({
  ...{ drive: "arrivals", arrivals: "even", think: { min: 0, max: 0 } },
  segments: straight(perSecond),
});
const users = (n: number, think: number): Flow => ({
  ...{ drive: "users", arrivals: "even", think: { min: think, max: think } },
  segments: straight(n),
});
const scenario = (flows: readonly Flow[], rest: Partial<Scenario> = {}): Scenario =>
  ({ flows, services: [], maxInFlight: 10_000, ...rest }) as unknown as Scenario;
const embedded = { services: [{ embedded: true }] as unknown as Scenario["services"] };

test.each([
  ["a small rate needs one", [rate(2000)], 8, 1],
  ["a worker more for each 2,000 calls a second", [rate(2001)], 8, 2],
  ["flows are summed", [rate(1500), rate(1500)], 8, 2],
  ["a great rate takes the cores and no more", [rate(100_000)], 8, 8],
  ["users call as often as they think", [users(5000, 1000)], 8, 3],
  ["idle users need a worker for each 5,000", [users(20_000, 60_000)], 8, 4],
  ["users who never think take all cores", [users(100, 0)], 8, 8],
  ["a user has one worker", [users(1, 0)], 8, 1],
  ["no load has one worker", [users(0, 0)], 8, 1],
])("%s", (_, flows, cores, workers) => expect(workersFor(scenario(flows), cores)).toEqual({ workers, why: null }));

test("stand-ins have a core to themselves, where there are two", () => {
  expect(workersFor(scenario([users(100, 0)], embedded), 4).workers).toBe(3);
  expect(workersFor(scenario([users(100, 0)], embedded), 1).workers).toBe(1);
});

test("what is asked for is obeyed, but no worker is started that would have nothing to do", () => {
  expect(workersFor(scenario([rate(10)]), 2, 7)).toEqual({ workers: 7, why: null });
  expect(workersFor(scenario([users(3, 0)]), 2, 7)).toMatchObject({
    workers: 3,
    why: expect.stringMatching(/3 users/),
  });
  expect(workersFor(scenario([rate(10)], { maxInFlight: 2 }), 2, 7)).toMatchObject({
    workers: 2,
    why: expect.stringMatching(/max_in_flight 2/),
  });
});
