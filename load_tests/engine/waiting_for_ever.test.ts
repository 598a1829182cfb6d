import { expect, test } from "vitest";
import type { Flow, Ms, Scenario, Service } from "../core/model.ts";
import type { OpenWorkload } from "../core/workload.ts";
import { clockFrom, epochNow } from "./clock.ts";
import { prepareGenerator } from "./generator.ts";
import type { FromWorker, Job } from "./port.ts";

const DURATION: Ms = 100;

/** What users wait for never comes, neither in a task nor at the end of their sessions. */
const endless: OpenWorkload = { metrics: [], iterate: () => {}, stop: () => {}, first: () => null };

const flowOf = (drive: Flow["drive"]): Flow => ({
  ...{ drive, arrivals: "even", think: { min: 0, max: 0 } },
  segments: [{ start: 0, duration: DURATION, from: 50, to: 50 }],
});

const jobOf = (drive: Flow["drive"]): Job => ({
  ...{ share: { index: 0, of: 1 }, runId: "run", secrets: [], env: {} },
  scenario: {
    ...{ name: "s", seed: 1, services: [] as Service[], criteria: [], maxInFlight: 10, grace: 100, duration: DURATION },
    ...{ phases: [{ name: "load", start: 0, duration: DURATION, measured: true }], flows: [flowOf(drive)] },
  } as unknown as Scenario,
});

test.each(["users", "arrivals"] as const)("%s who wait for ever do not keep the run from its end", async (drive) => {
  const kind = { kind: "requests", open: () => endless };
  const ended = new Promise<FromWorker>((resolve) => {
    const say = (message: FromWorker) => message.say === "ended" && resolve(message);
    void prepareGenerator(jobOf(drive), { protocols: [], workloads: [kind] }, say).then((generator) =>
      generator.start(clockFrom(epochNow())),
    );
  });
  expect(await ended).toEqual({ say: "ended", at: DURATION });
});

test("nor do they after a stop", async () => {
  const kind = { kind: "requests", open: () => endless };
  const job = jobOf("users");
  const scenario = { ...job.scenario, duration: 60_000 };
  const ended = new Promise<FromWorker>((resolve) => {
    const say = (message: FromWorker) => message.say === "ended" && resolve(message);
    void prepareGenerator({ ...job, scenario }, { protocols: [], workloads: [kind] }, say).then((generator) => {
      generator.start(clockFrom(epochNow()));
      generator.stop(50);
    });
  });
  expect((await ended).say).toBe("ended");
});
