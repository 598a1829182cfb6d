/** Every fault of a gRPC service comes out under its right name. */
import { expect, test } from "vitest";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

test("calls that are never answered are one row of failures, whoever says that their time is up", async () => {
  const cwd = emptyFolder();
  const text = `
services: { grpc: { llm: { host: embedded, timeout: 150ms, embedded: { hang_rate: 100% }, methods: { Generate: 1 } } } }
scenarios: { s: { rate: 200, duration: 1s, criteria: [ "error_rate < 1%" ] } }
`;
  const { code, stderr } = await tenfold(["--config", writeConfig(cwd, text), "--format", "json"], cwd);
  expect(code, stderr).toBe(99);
  const [{ requests, failures_by_type } = { requests: 0, failures_by_type: [] }] = jsonReport(
    runFolder(cwd, "s"),
  ).endpoints;
  expect(requests).toBeGreaterThan(50);
  const row = { outcome: "timeout", status: "DEADLINE_EXCEEDED", message: "no answer in 150 ms", count: requests };
  expect(failures_by_type).toMatchObject([row]);
});

const FAULTS = [
  ["reset", "reset", "UNAVAILABLE"],
  ["reset_in_stream", "reset", "UNAVAILABLE"],
  ["stream_reset", "server-error", "INTERNAL"],
  ["stream_reset_in_stream", "server-error", "INTERNAL"],
  ["web_page", "invalid", "RESOURCE_EXHAUSTED"],
  ["oversize", "invalid", "RESOURCE_EXHAUSTED"],
  ["half_message", "reset", "INTERNAL"],
  ["no_status", "reset", "INTERNAL"],
  ["empty", "invalid", "OK"],
  ["slow", "timeout", "DEADLINE_EXCEEDED"],
  ["raised_limit", "limited", "UNKNOWN"],
  ["CANCELLED", "client-error", "CANCELLED"],
  ["UNKNOWN", "server-error", "UNKNOWN"],
  ["INVALID_ARGUMENT", "client-error", "INVALID_ARGUMENT"],
  ["DEADLINE_EXCEEDED", "timeout", "DEADLINE_EXCEEDED"],
  ["NOT_FOUND", "client-error", "NOT_FOUND"],
  ["ALREADY_EXISTS", "client-error", "ALREADY_EXISTS"],
  ["PERMISSION_DENIED", "client-error", "PERMISSION_DENIED"],
  ["RESOURCE_EXHAUSTED", "limited", "RESOURCE_EXHAUSTED"],
  ["FAILED_PRECONDITION", "client-error", "FAILED_PRECONDITION"],
  ["ABORTED", "server-error", "ABORTED"],
  ["OUT_OF_RANGE", "client-error", "OUT_OF_RANGE"],
  ["UNIMPLEMENTED", "client-error", "UNIMPLEMENTED"],
  ["INTERNAL", "server-error", "INTERNAL"],
  ["UNAVAILABLE", "server-error", "UNAVAILABLE"],
  ["DATA_LOSS", "server-error", "DATA_LOSS"],
  ["UNAUTHENTICATED", "client-error", "UNAUTHENTICATED"],
  ["503", "server-error", "UNAVAILABLE"],
] as const;

/** What is told of it depends on what was under way when the connection went. */
const GOAWAY = "goaway";

const serviceOf = (fault: string) =>
  `    f_${fault}: { role: llm, host: embedded, timeout: ${fault === "slow" ? "1s" : "10s"}, embedded: { latency: 0, faults: { ${fault}: 100% } }, methods: { Generate: 1, GenerateStream: 1 } }`;

test("a service that misbehaves on command is told by outcome and status, fault by fault", async () => {
  const cwd = emptyFolder();
  const services = [...FAULTS.map(([fault]) => fault), GOAWAY].map(serviceOf).join("\n");
  const text = `services:\n  grpc:\n${services}\nscenarios: { s: { rate: 60, duration: 4s, criteria: [ "errors == 0" ] } }\n`;
  const { code, stderr } = await tenfold(["--config", writeConfig(cwd, text), "--format", "json"], cwd);
  expect(code, stderr).toBe(99);
  const { endpoints } = jsonReport(runFolder(cwd, "s"));
  const told = FAULTS.flatMap(([fault]) =>
    endpoints
      .filter(({ service }) => service === `f_${fault}`)
      .flatMap((each) => each.failures_by_type.map(({ outcome, status }) => `${fault} ${outcome} ${status}`)),
  );
  expect([...new Set(told)].sort()).toEqual(FAULTS.map((each) => each.join(" ")).sort());
  const gone = endpoints.filter(({ service }) => service === `f_${GOAWAY}`).flatMap((each) => each.failures_by_type);
  expect(["reset", "server-error"]).toEqual(expect.arrayContaining([...new Set(gone.map(({ outcome }) => outcome))]));
  for (const { requests, failures } of endpoints) expect(failures).toBe(requests);
});
