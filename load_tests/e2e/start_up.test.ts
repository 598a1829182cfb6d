import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { CLI, emptyFolder } from "./tenfold.ts";

/** Where a bundle names the file that a piece of it comes from. */
const ORIGIN = /^\s*\/\/ (\S+\.(?:ts|js|mjs|cjs))$/gm;

/** Files of ours by their path and packages by their name: all that a process and its threads read, as Node itself tells it. */
function readBy(args: readonly string[], cwd: string): Set<string> {
  const told = join(emptyFolder(), "told");
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd,
    env: { ...process.env, NODE_V8_COVERAGE: told },
    encoding: "utf8",
  });
  expect(stderr).not.toContain("broke");
  expect(status).not.toBe(1);
  const urls = readdirSync(told).flatMap((file) =>
    JSON.parse(readFileSync(join(told, file), "utf8")).result.map(({ url }: { url: string }) => url),
  );
  const files = urls.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
  const origins = files.flatMap((file) => [
    file,
    ...[...readFileSync(file, "utf8").matchAll(ORIGIN)].map(([, origin]) => origin!),
  ]);
  return new Set(origins.map((origin) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(origin)?.[1] ?? origin));
}

const HEAVY = ["@grpc/grpc-js", "protobufjs", "ws", "undici", "canvas", "chart.js", "@faker-js/faker", "jiti"];
const of = (read: ReadonlySet<string>, names: readonly string[]) => names.filter((name) => read.has(name));
const below = (read: ReadonlySet<string>, folder: string) =>
  [...read].filter((origin) => origin.includes(`load_tests/${folder}/`));

test("what a process reads is told: the flags come from commander", () => {
  expect(of(readBy(["--version"], emptyFolder()), ["commander"])).toEqual(["commander"]);
});

test("--version reads no config's code, no client and no reporter", () => {
  const read = readBy(["--version"], emptyFolder());
  expect(of(read, [...HEAVY, "zod", "yaml", "handlebars"])).toEqual([]);
  for (const folder of ["clients", "reports", "workloads"]) expect(below(read, folder)).toEqual([]);
  expect(below(read, "engine").filter((file) => !/(ending|heap)\.ts$/.test(file))).toEqual([]);
});

const CONFIG = `
services: { rest: { api: { host: "http://127.0.0.1:9", wait_for_ready: 0, endpoints: [ { path: / } ] } } }
scenarios: { s: { users: 1, iterations: 1, think_time: 0, duration: 1s } }
reports: { format: [json] }
`;

test("a run over HTTP reads no gRPC; the report of it reads no client, and draws only where PNG is asked for", () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "c.yaml"), CONFIG);
  const run = readBy(["run", "--config", "c.yaml"], cwd);
  expect(of(run, HEAVY)).toEqual([]);
  expect(below(run, "clients/http").length).toBeGreaterThan(0);

  expect(existsSync(join(cwd, "reports/s"))).toBe(true);
  const report = readBy(["report", "reports/s"], cwd);
  expect(of(report, HEAVY)).toEqual([]);
  expect(below(report, "clients")).toEqual([]);
  expect(below(report, "config").every((file) => /formats|problem/.test(file))).toBe(true);
  expect(of(readBy(["report", "reports/s", "--format", "png"], cwd), ["chart.js"])).toEqual(["chart.js"]);
});
