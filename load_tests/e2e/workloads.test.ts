import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyFolder, jsonReport, runFolder, start, tenfold, writeConfig } from "./tenfold.ts";

interface Seen {
  readonly what: string;
  readonly body: string;
}

let seen: Seen[] = [];
let carts = 0;
let server: Server;

const bodies = (what: string): string[] => seen.filter((each) => each.what === what).map(({ body }) => body);

/** Gives tokens and carts, and knows which carts there are. */
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      const path = request.url!;
      const what = `${request.method} ${path.replace(/\d+$/, ":id")}`;
      seen.push({ what, body: `${request.headers.authorization ?? ""} ${body}`.trim() });
      if (path === "/login") response.end(JSON.stringify({ token: `of ${JSON.parse(body).user}` }));
      else if (what === "POST /carts") response.end(JSON.stringify({ id: ++carts }));
      else response.end(what === "GET /carts/:id" && Number(path.slice(7)) > carts ? "{}" : '{"found":true}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const config = (scenario: string) => `
services: { rest: { shop: { host: "http://127.0.0.1:${(server.address() as AddressInfo).port}" } } }
workloads:
  shopper:
    think_time: 5ms..15ms
    on_start: [ { post: /login, json: { user: "{{user.id}}" }, capture: { token: "$.token" } } ]
    tasks:
      - { name: look, weight: 2, steps: [ { get: /, headers: { authorization: "Bearer {{token}}" } } ] }
      - name: buy
        steps:
          - { post: /carts, json: { user: "{{user.id}}", n: "{{iteration}}", product: "{{random.int 1 999}}" }, capture: { cart: "$.id" } }
          - { loop: 2, steps: [ { get: "/carts/{{cart}}", name: "GET /carts/:id", checks: [ "$.found == true" ] } ] }
          - { if: cart, steps: [ { delete: "/carts/{{cart}}", name: "DELETE /carts/:id" } ] }
    on_stop: [ { post: /logout, json: { token: "{{token}}" } } ]
scenarios: { s: { workload: shopper, criteria: [ "errors == 0" ], ${scenario} } }
`;

async function run(scenario: string, ...flags: string[]) {
  seen = [];
  const cwd = emptyFolder();
  writeConfig(cwd, config(scenario));
  const ended = await tenfold(["--config", "tenfold.yaml", "--format", "json", "--quiet", ...flags], cwd);
  return { ...ended, report: jsonReport(runFolder(cwd, "s")) };
}

describe("tags", () => {
  test("choose the tasks that run, are judged together, and stand in the report", async () => {
    seen = [];
    const cwd = emptyFolder();
    const text = config('users: 2, duration: 1s, extra_criteria: [ { expect: "requests > 0", tag: browse } ]');
    writeConfig(cwd, text.replace("name: look,", "name: look, tags: [browse],"));
    const args = ["--config", "tenfold.yaml", "--format", "json", "--quiet", "--tags", "browse"];
    const { code } = await tenfold(args, cwd);
    const { endpoints, tasks, criteria } = jsonReport(runFolder(cwd, "s"));
    expect(code).toBe(0);
    expect(bodies("POST /carts")).toEqual([]);
    expect(endpoints.find(({ name }) => name === "GET /")).toMatchObject({ tags: ["browse"] });
    expect(endpoints.find(({ name }) => name === "POST /login")).not.toHaveProperty("tags");
    expect(tasks).toMatchObject([{ name: "look", tags: ["browse"] }]);
    expect(criteria.find(({ scope }) => scope === "tag browse")).toMatchObject({
      status: "pass",
      observed: bodies("GET /").length,
    });
  });
});

describe("users of steps", () => {
  test("log in, keep what they captured, do their tasks, and log out; each call is one that the server saw", async () => {
    const { code, report } = await run("users: 5, duration: 1500ms");
    expect(code).toBe(0);
    const counted = new Map<string, number>();
    for (const { what } of seen) counted.set(what, (counted.get(what) ?? 0) + 1);
    expect(new Map(report.endpoints.map(({ name, requests }) => [name, requests]))).toEqual(counted);
    expect(report.total.requests).toBe(seen.length);
    expect(new Set(bodies("POST /login")).size).toBe(5);
    expect(bodies("POST /logout").sort()).toEqual(
      Array.from({ length: 5 }, (_, user) => JSON.stringify({ token: `of user-${user}` })),
    );
    for (const body of bodies("GET /")) expect(body).toMatch(/^Bearer of user-\d$/);
    const done = new Map(report.tasks!.map(({ name, metrics }) => [name, metrics.task_duration!.count]));
    expect(done.get("look")).toBe(counted.get("GET /"));
    const looks = counted.get("GET /carts/:id")! - 2 * counted.get("DELETE /carts/:id")!;
    expect(looks, "of tasks that the end cut, two a user at most").toBeGreaterThanOrEqual(0);
    expect(looks).toBeLessThanOrEqual(5 * 2);
  });

  test("do exactly as many tasks as are asked for, with the same payloads whatever the number of workers", async () => {
    const runs = [];
    for (const workers of ["1", "2", "3"]) {
      const { code, report } = await run("users: 4", "-i", "30", "--workers", workers);
      expect(code).toBe(0);
      expect(report.tasks!.reduce((sum, { metrics }) => sum + metrics.task_duration!.count, 0)).toBe(30);
      runs.push(bodies("POST /carts").sort());
    }
    expect(runs[0]!.length).toBeGreaterThan(3);
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  test("show what they send and get with --once, one user and one task, without secrets", async () => {
    const { code, stdout } = await run("users: 5, duration: 10s", "--once");
    expect(code).toBe(0);
    expect(bodies("POST /login")).toHaveLength(1);
    expect(stdout).toContain('{"user":"user-0"}');
    expect(stdout).toContain('{"token":"***"}');
    expect(stdout).toMatch(/ok: 200, in /);
    expect(stdout).not.toContain("of user-0");
  });

  test("of a run without an end are judged by the criteria when it is stopped, and log out before", async () => {
    seen = [];
    const cwd = emptyFolder();
    writeConfig(cwd, config("users: 3, duration: 0"));
    const { child, ended } = start(["--config", "tenfold.yaml", "--format", "json", "--quiet"], cwd);
    await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(50);
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    expect(bodies("POST /logout")).toHaveLength(3);
  });
});
