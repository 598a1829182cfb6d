import { describe, expect, test } from "vitest";
import { Histogram } from "../core/histogram.ts";
import type { Outcome } from "../core/model.ts";
import { callsByEndpoint } from "./endpoints.ts";
import { fixtureReport } from "./fixture.ts";
import { hintOf } from "./hints.ts";
import { summaryText } from "./summary.ts";

const { result } = fixtureReport();
/** Calls of a service whose timeout is 30 s, by the service's own time. */
const taking = (...times: number[]) => {
  const calls = callsByEndpoint(result)[0]!;
  const service = new Histogram();
  for (const time of times) service.record(time);
  return { ...calls, series: [{ ...calls.series[0]!, service }] };
};
const told = (outcome: Outcome, status: string, message = "", times = [10]) =>
  hintOf({ outcome, status, message, count: 1 }, taking(...times), result);

describe("a hint", () => {
  test.each<[Outcome, string, string, RegExp]>([
    ["client-error", "413", "", /larger than the server takes.*client_max_body_size/],
    ["reset", "1009", "", /larger than the server takes/],
    ["limited", "RESOURCE_EXHAUSTED", "Received message larger than max (5 vs. 4)", /max message size/],
    ["limited", "RESOURCE_EXHAUSTED", "quota", /rate limit, not its capacity/],
    ["limited", "429", "", /rate limit, not its capacity/],
    ["server-error", "UNIMPLEMENTED", "unknown method", /does not have this method/],
    ["client-error", "401", "", /`auth`/],
    ["reset", "ECONNRESET", "read ECONNRESET", /closed the connection/],
    ["reset", "UNAVAILABLE", "Connection dropped", /closed the connection/],
    ["client-error", "403", "", /does not allow the call/],
    ["server-error", "503", "", /more than it can take/],
    ["server-error", "UNAVAILABLE", "upstream", /more than it can take/],
    ["refused", "DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate", /tls: \{ ca: ca\.pem \}/],
    ["refused", "ERR_TLS_CERT_ALTNAME_INVALID", "", /tls: \{ ca: ca\.pem \}/],
    ["refused", "ENOTFOUND", "getaddrinfo ENOTFOUND nowhere", /does not know the host's name/],
    ["refused", "UNAVAILABLE", "Name resolution failed for target dns:nowhere", /does not know the host's name/],
    ["refused", "CONNECT_TIMEOUT", "no connection", /connect_timeout/],
    ["refused", "UNAVAILABLE", "connect ECONNREFUSED", /--host SERVICE=ADDRESS/],
    ["refused", "ECONNREFUSED", "", /--host SERVICE=ADDRESS/],
  ])("of %s %s %s says what to do", (outcome, status, message, hint) => {
    expect(told(outcome, status, message)).toMatch(hint);
  });

  test("is not given where nothing is known", () => {
    expect(told("server-error", "500", "broken")).toBeNull();
    expect(told("client-error", "404")).toBeNull();
  });

  test("of a timeout tells a limit that is near the service's own time from one that is far from it", () => {
    expect(told("timeout", "TIMEOUT", "", [100, 100, 30_000])).toMatch(/^raise `timeout`/);
    expect(told("timeout", "TIMEOUT", "", [20_000, 20_000, 30_000])).toMatch(
      /^half of the calls need more than 20\.0\d* s/,
    );
    expect(told("timeout", "TIMEOUT", "", [30_000, 30_000, 100])).toMatch(/^most calls were cut/);
  });

  test("is said once in the text, under its first failure, within the width", () => {
    const lines = summaryText(fixtureReport()).split("\n");
    const hints = lines.filter((line) => line.startsWith("  → "));
    expect(hints).toHaveLength(1);
    expect(lines[lines.indexOf(hints[0]!) - 1]).toContain("timeout");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});
