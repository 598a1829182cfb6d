/** What a run measures beside its calls, end to end: named, charted, kept, judged. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

async function run(
  criterion: string,
  asked: string,
  services = "rest: { api: { host: embedded, endpoints: [ { path: /items } ] } }",
) {
  const cwd = emptyFolder();
  const config = writeConfig(
    cwd,
    `
services: { ${services} }
scenarios: { s: { rate: 20, duration: 3s, criteria: [ "${criterion}" ] } }
metrics: { resource_utilization: [ ${asked} ] }
`,
  );
  const { code, stdout } = await tenfold(["--config", config], cwd);
  const folder = runFolder(cwd, "s");
  return { code, stdout, folder, report: jsonReport(folder) };
}

const onLinux = process.platform === "linux";

describe.skipIf(!onLinux)("a criterion of a resource", () => {
  test("passes by what the stand-ins used, where no process is named", async () => {
    const { code, report, folder } = await run("target.memory max < 4GB", "cpu, memory");
    expect(report.criteria[0]).toMatchObject({ status: "pass", scope: "target", unit: "MB" });
    expect(code).toBe(0);
    const of = (name: string) => report.resources.find((each) => each.name === name)!;
    expect(of("target.memory").source).toBe("stand-ins");
    expect(of("target.memory").mean).toBeGreaterThan(10);
    for (const name of [
      "generator.cpu",
      "generator.memory",
      "generator.event_loop_delay",
      "machine.cpu",
      "machine.steal",
    ])
      expect(of(name).samples.length, name).toBeGreaterThan(0);
    const lines = readFileSync(join(folder, "timeline.jsonl"), "utf8").split("\n");
    expect(lines.some((line) => line.startsWith('{"kind":"resources"'))).toBe(true);
    expect(report.notices.filter(({ kind }) => kind === "source-missing")).toEqual([]);
  });

  test("fails by them", async () => {
    const services = "grpc: { stt: { host: embedded } }";
    const { code, report } = await run("grpc.channels max < 1", "grpc_pool", services);
    expect(report.criteria[0]).toMatchObject({ status: "fail", observed: 1, limit: 1 });
    expect(code).toBe(99);
    expect(report.resources.find(({ name }) => name === "grpc.in_flight")!.samples.length).toBeGreaterThan(0);
  });

  test("is unknown where its source is not there, which is a notice and no zero", async () => {
    const { code, report } = await run("target.cpu mean < 80%", "{ process: { name: no-such-program } }");
    expect(report.criteria[0]).toMatchObject({ status: "unknown", observed: null });
    expect(code).toBe(97);
    const missing = report.notices.filter(({ kind }) => kind === "source-missing").map(({ text }) => text);
    expect(missing).toEqual([expect.stringMatching(/process named no-such-program is not there/)]);
    expect(report.resources.filter(({ name }) => name.startsWith("target."))).toEqual([]);
    expect(report.resources.some(({ name }) => name === "embedded.cpu")).toBe(true);
  });
});
