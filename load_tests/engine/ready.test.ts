import { describe, expect, test } from "vitest";
import type { Service } from "../core/model.ts";
import type { Protocol } from "../core/plugin.ts";
import { waitForReady } from "./ready.ts";

const service = (waitForReady: number): Service => ({
  ...{ name: "api", protocol: "fake", role: null, host: "there", embedded: false, standIn: null, settings: null },
  ...{ weight: 1, timeout: 1000, connectTimeout: 1000, waitForReady, endpoints: [] },
});

/** A protocol whose probes are answered by `answer`, from 1. */
function probed(answer: (attempt: number) => Promise<void>) {
  let attempts = 0;
  const protocol = { kind: "fake", probe: () => answer(++attempts) } as unknown as Protocol;
  return { protocol, attempts: () => attempts };
}

const never = new AbortController().signal;
const refused = () => Promise.reject(new Error("connect ECONNREFUSED"));

describe("waiting for a service", () => {
  test.each([0.4, 1.7, 300.5, 700])(
    "a wait of %d ms ends with what the service's own last probe said",
    async (wait) => {
      const { protocol, attempts } = probed(refused);
      const missing = await waitForReady([service(wait)], [protocol], never);
      expect(missing.map(({ why }) => why)).toEqual(["connect ECONNREFUSED"]);
      expect(attempts()).toBeGreaterThan(0);
    },
  );

  test("ends with the first probe that is answered", async () => {
    const { protocol, attempts } = probed((attempt) => (attempt < 3 ? refused() : Promise.resolve()));
    expect(await waitForReady([service(4000)], [protocol], never)).toEqual([]);
    expect(attempts()).toBe(3);
  });

  test("is not done at all where the wait is 0", async () => {
    const { protocol, attempts } = probed(refused);
    expect(await waitForReady([service(0)], [protocol], never)).toEqual([]);
    expect(attempts()).toBe(0);
  });

  test("ends when the run is stopped", async () => {
    const stop = new AbortController();
    const { protocol } = probed(() => {
      stop.abort();
      return refused();
    });
    expect(await waitForReady([service(60_000)], [protocol], stop.signal)).toHaveLength(1);
  });
});
