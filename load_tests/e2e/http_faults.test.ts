/** Every fault of an HTTP service comes out under its right name. */
import { describe, expect, test } from "vitest";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

const FAULTS = [
  ["reset", "reset", "ECONNRESET"],
  // A reset that is read together with what came before it looks like a plain end.
  ["reset_in_header", "reset", "ECONNRESET", "CLOSED"],
  ["reset_in_body", "reset", "ECONNRESET", "CLOSED"],
  ["close", "reset", "CLOSED"],
  ["garbage", "invalid", "INVALID_ANSWER"],
  ["wrong_length", "reset", "CLOSED"],
  ["broken_chunk", "invalid", "INVALID_ANSWER"],
  ["endless_header", "invalid", "INVALID_ANSWER"],
  ["slow_body", "timeout", "TIMEOUT"],
  ["redirect_loop", "invalid", "302"],
  ["400", "client-error", "400"],
  ["418", "client-error", "418"],
  ["429", "limited", "429"],
  ["499", "client-error", "499"],
  ["500", "server-error", "500"],
  ["503", "server-error", "503"],
  ["599", "server-error", "599"],
] as const;

const serviceOf = (fault: string) =>
  `    f_${fault}: { host: embedded, timeout: 1s, embedded: { latency: 0, faults: { ${fault}: 100% } }, endpoints: [ { path: /${fault} } ] }`;

describe("a service that misbehaves on command", () => {
  test("is told by outcome and status, fault by fault", async () => {
    const cwd = emptyFolder();
    const services = FAULTS.map(([fault]) => serviceOf(fault)).join("\n");
    const text = `services:\n  rest:\n${services}\nscenarios: { s: { rate: 60, duration: 6s, criteria: [ "errors == 0" ] } }\n`;
    const { code, stderr } = await tenfold(["--config", writeConfig(cwd, text), "--format", "json"], cwd);
    expect(code, stderr).toBe(99);
    const { endpoints } = jsonReport(runFolder(cwd, "s"));
    for (const [fault, outcome, ...statuses] of FAULTS) {
      const told = endpoints.find(({ service }) => service === `f_${fault}`)!.failures_by_type;
      expect(told.length, fault).toBeGreaterThan(0);
      for (const failure of told) {
        expect([fault, failure.outcome]).toEqual([fault, outcome]);
        expect(statuses, fault).toContain(failure.status);
      }
    }
  });

  test("a body of 200 MB is counted, not kept", async () => {
    const cwd = emptyFolder();
    const service =
      "{ host: embedded, embedded: { latency: 0, faults: { huge_body: 100% } }, endpoints: [ { path: /x, checks: [ body not empty ] } ] }";
    const text = `services: { rest: { huge: ${service} } }\nscenarios: { s: { users: 2, duration: 3s, think_time: 0, criteria: [ "errors == 0" ] } }\n`;
    const args = ["--config", writeConfig(cwd, text), "--format", "json"];
    const { code, stdout } = await tenfold(args, cwd, { NODE_OPTIONS: "--max-old-space-size=100" });
    const { total } = jsonReport(runFolder(cwd, "s"));
    expect(code, stdout).not.toBe(1);
    expect(total.requests).toBeGreaterThan(0);
    expect(total.failures).toBe(0);
  });
});
