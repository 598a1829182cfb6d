/** `tensorrt_llm` at an address that speaks one or the other. */
import { afterEach, expect, test } from "vitest";
import { standInSchema, type TargetSpec } from "../core/standin.ts";
import { startTargets, type Targets } from "../targets/start.ts";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

let targets: Targets | null = null;
afterEach(() => targets?.close());

test.each([
  ["llm", "June's gRPC", "grpc", "tensorrt_llm.Generate"],
  ["openai", "OpenAI's HTTP", "openai", "tensorrt_llm.chat"],
] as const)("served by %s it goes on as %s", async (kind, words, protocol, endpoint) => {
  const settings = standInSchema.parse({});
  const spec: TargetSpec = { name: "it", kind, settings, port: 0, protos: [], includeDirs: [] };
  targets = await startTargets([spec]);
  const cwd = emptyFolder();
  const host = targets.addresses.it!.replace("http://", "");
  const config = writeConfig(
    cwd,
    `
services: { grpc: { tensorrt_llm: { host: "${host}", wait_for_ready: 5s } } }
scenarios: { s: { users: 5, think_time: 100ms, duration: 2s, criteria: [ "error_rate < 1%" ] } }
`,
  );
  const { code, stderr } = await tenfold(["--config", config], cwd);
  expect(stderr).toContain(`tensorrt_llm at ${host} speaks ${words}`);
  expect(code).toBe(0);
  const { endpoints } = jsonReport(runFolder(cwd, "s"));
  expect(endpoints.find(({ name }) => name === endpoint)).toMatchObject({
    service: "tensorrt_llm",
    protocol,
    failures: 0,
  });
});
