import { expect, test } from "vitest";
import type { Service } from "../core/model.ts";
import { randomStream } from "../core/random.ts";
import { requestsByWeight } from "./requests.ts";

const service = (weight: number, ...endpoints: number[]) =>
  ({ weight, endpoints: endpoints.map((each) => ({ weight: each })) }) as unknown as Service;

test("calls are drawn by the service's weight, and within it by the endpoint's", () => {
  const draw = requestsByWeight([service(3, 1, 1), service(1, 0, 2), service(0, 5)]);
  const random = randomStream(1, 2);
  const counts = new Map<string, number>();
  for (let i = 0; i < 40_000; i++) {
    const { service, endpoint } = draw(random);
    counts.set(`${service}.${endpoint}`, (counts.get(`${service}.${endpoint}`) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(["0.0", "0.1", "1.1"]);
  for (const [key, share] of [
    ["0.0", 0.375],
    ["0.1", 0.375],
    ["1.1", 0.25],
  ] as const)
    expect(Math.abs(counts.get(key)! / 40_000 - share)).toBeLessThan(0.01);
});

test("one seed draws the same calls again", () => {
  const draws = () => {
    const random = randomStream(7, 1);
    const draw = requestsByWeight([service(1, 1, 1, 1)]);
    return Array.from({ length: 50 }, () => draw(random).endpoint);
  };
  expect(draws()).toEqual(draws());
});
