/** What carries the calls of a service over HTTP. */
import { z } from "zod";
import type { Resolver } from "../../core/plugin.ts";

/** Our own HTTP/1.1, or undici. */
export type Driver = "fast" | "reference";

export const driverSchema = z
  .enum(["fast", "reference"])
  .describe("fast: Tenfold's own HTTP/1.1, the default; reference: undici, which also goes with http2");

/** The fast one by itself, wherever it covers the service: it does not speak HTTP/2. */
export function resolveDriver(raw: Driver | undefined, http2: boolean, at: Resolver): Driver {
  if (raw === "fast" && http2)
    at.issue(["driver"], "expected driver: reference beside http2, found fast, which speaks HTTP/1.1: leave one out");
  return raw ?? (http2 ? "reference" : "fast");
}
