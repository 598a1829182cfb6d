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
  const [{ failures_by_type: told } = { failures_by_type: [] }] = jsonReport(runFolder(cwd, "s")).endpoints;
  expect(told).toMatchObject([
    { outcome: "timeout", status: "DEADLINE_EXCEEDED", message: "no answer in 150 ms", count: 200 },
  ]);
});
