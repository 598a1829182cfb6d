/** Phases that end by count, and rows of data that nobody shares; held against what the service saw. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ok, type Service, serve } from "./service.ts";
import { emptyFolder, jsonReport, runFolder, start, tenfold, writeConfig } from "./tenfold.ts";

/** Two addresses that keep the order in which they were asked, together. */
async function twoAddresses() {
  const asked: string[] = [];
  const services: Service[] = [];
  for (const name of ["first", "second"]) {
    const service = await serve((request, response) => {
      asked.push(`${name} ${request.url}`);
      ok(request, response);
    });
    onTestFinished(() => service.close());
    services.push(service);
  }
  const hook = (what: string) => `{ http: { method: POST, url: "${services[0]!.url}/${what}" } }`;
  return { asked, hosts: services.map(({ url }) => url).join(","), hook };
}

const counted = ({ hosts, hook }: Awaited<ReturnType<typeof twoAddresses>>, calls: number): string =>
  `services: { rest: { api: { hosts: "${hosts}", wait_for_ready: 0 } } }
workloads:
  w: { service: api, think_time: 0, steps: [ { get: /w } ] }
scenarios:
  s:
    criteria: [ "errors == 0" ]
    phases:
      - { name: warm-up, workload: w, users: 5, iterations: 3, per: url, measured: false, on_exit: ${hook("left-warm-up")} }
      - { name: calls, workload: w, users: 5, iterations: ${calls}, per: url, on_enter: ${hook("entered")}, on_exit: ${hook("left")} }
      - { name: rest, workload: w, users: 4, iterations: 2, per: user }`;

const HOOKS = ["first /left-warm-up", "first /entered", "first /left"];

describe("phases that end by count", () => {
  test.each([
    ["of one worker, as written", ["--workers", "1"], 20],
    ["of three workers, as -i says", ["--workers", "3", "-i", "15"], 15],
    ["by time too, whichever comes first", ["--workers", "2", "-i", "10", "-d", "60"], 10],
  ])("%s, make exactly so many calls to each address, with the hooks between them", async (_, flags, each) => {
    const service = await twoAddresses();
    const cwd = emptyFolder();
    const config = writeConfig(cwd, counted(service, 20));
    const { code, stderr } = await tenfold(["--config", config, "--format", "json", ...flags], cwd);
    expect(`${code} ${stderr}`).toMatch(/^0 /);
    const { asked } = service;
    expect(asked.filter((line) => !line.endsWith("/w"))).toEqual(HOOKS);
    const [warm, entered, left] = HOOKS.map((line) => asked.indexOf(line)) as [number, number, number];
    const calls = (from: number, to: number) => {
      const part = asked.slice(from, to).filter((line) => line.endsWith("/w"));
      return ["first /w", "second /w"].map((line) => part.filter((one) => one === line).length);
    };
    expect(calls(0, warm)).toEqual([3, 3]);
    expect(calls(warm, entered)).toEqual([0, 0]);
    expect(calls(entered, left)).toEqual([each, each]);
    const rest = flags.includes("-i") ? each : 2;
    expect(calls(left, asked.length).reduce((a, b) => a + b)).toBe(4 * rest);
    const { phases, total } = jsonReport(runFolder(cwd, "s"));
    expect(phases.map((phase) => phase.total.requests)).toEqual([6, 2 * each, 4 * rest]);
    expect(total.requests).toBe(6 + 2 * each + 4 * rest);
  });

  test("are ended by Ctrl-C with what was done, the phase that was entered is left, and no further one begins", async () => {
    const service = await twoAddresses();
    const cwd = emptyFolder();
    const run = start(["--config", writeConfig(cwd, counted(service, 1_000_000)), "--log-requests"], cwd);
    await run.seen(/Phase calls began/);
    run.child.kill("SIGINT");
    expect((await run.ended).code).toBe(105);
    const { asked } = service;
    expect(asked.at(-1)).toBe("first /left");
    const { phases, total, ended } = jsonReport(runFolder(cwd, "s"));
    expect(ended).toBe("stopped");
    expect(total.requests).toBe(asked.filter((line) => line.endsWith("/w")).length);
    expect(phases.map((phase) => phase.total.requests > 0)).toEqual([true, true, false]);
  });
});

test("a row that nobody shares stays its user's in arrivals drive, whatever the number of workers", async () => {
  const seen = new Map<string, Set<string>>();
  const service = await serve((request, response) => {
    const [, what, row] = request.url!.split("/") as [string, string, string];
    seen.set(what, (seen.get(what) ?? new Set()).add(row));
    setTimeout(() => ok(request, response), 120);
  });
  onTestFinished(() => service.close());
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "people.csv"), `id\n${Array.from({ length: 60 }, (_, i) => `p${i}`).join("\n")}\n`);
  const config = writeConfig(
    cwd,
    `services: { rest: { api: { host: "${service.url}", wait_for_ready: 0 } } }
workloads:
  w:
    service: api
    data: { people: { file: people.csv, unique: true, at_end: stop } }
    on_start: [ { get: "/login/{{people.id}}", name: login } ]
    steps: [ { get: "/as/{{people.id}}", name: as } ]
scenarios: { s: { rate: 30, duration: 1s, workload: w, criteria: [ "errors == 0" ] } }`,
  );
  const { code, stderr } = await tenfold(["--config", config, "--format", "json", "--workers", "2"], cwd);
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  const [logins, calls] = ["/login", "/as"].map((what) =>
    [...service.counts].filter(([key]) => key.startsWith(`GET ${what}/`)),
  );
  expect(logins!.length).toBeGreaterThan(2);
  expect(logins!.every(([, count]) => count === 1)).toBe(true);
  expect(calls!.reduce((sum, [, count]) => sum + count, 0)).toBe(30);
  expect([...seen.get("as")!].every((row) => seen.get("login")!.has(row))).toBe(true);
});
