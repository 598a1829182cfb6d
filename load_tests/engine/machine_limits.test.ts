import { platform } from "node:os";
import { expect, test } from "vitest";
import type { Flow, Scenario } from "../core/model.ts";
import { limitWarnings, readLimits } from "./machine_limits.ts";

const flow = (drive: Flow["drive"], level: number): Flow => ({
  ...{ drive, arrivals: "even", think: { min: 0, max: 0 } },
  segments: [{ start: 0, duration: 1000, from: 0, to: level }],
});
const scenario = (flows: Flow[], settings: object = {}, maxInFlight = 10_000): Scenario =>
  ({ flows, maxInFlight, services: [{ name: "api", timeout: 30_000, settings }] }) as unknown as Scenario;
const limits = { files: 5000, ports: 28_232 };

test.each<[string, Scenario, RegExp[]]>([
  ["users who fit are no matter", scenario([flow("users", 4000)]), []],
  ["users beyond the files that may be open", scenario([flow("users", 6000)]), [/6,200 open files.*ulimit -n 6200/]],
  ["users beyond the ports too", scenario([flow("users", 40_000)]), [/open files/, /40,000 connections.*port_range/]],
  ["calls share a channel, however many users", scenario([flow("users", 40_000)], { channels: 2 }), []],
  ["arrivals are open until they are given up", scenario([flow("arrivals", 300)]), [/9,200 open files/]],
  ["arrivals are bounded by max_in_flight", scenario([flow("arrivals", 300)], {}, 1000), []],
])("%s", (_, plan, told) => {
  const warnings = limitWarnings(plan, 2, limits);
  expect(warnings).toHaveLength(told.length);
  for (const [i, said] of told.entries()) expect(warnings[i]).toMatch(said);
});

test("a machine that does not tell its limits is not warned of", () => {
  expect(limitWarnings(scenario([flow("users", 1e6)]), 1, { files: null, ports: null })).toEqual([]);
});

test.runIf(platform() === "linux")("this machine tells both", () => {
  const { files, ports } = readLimits();
  expect(files).toBeGreaterThan(0);
  expect(ports).toBeGreaterThan(0);
});
