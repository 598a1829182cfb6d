/** The shipped experiment, hooks, and what the log says of phases; counts are held against the service's own. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { chiSquare, countedStandIn, countOf } from "./counted.ts";
import { ok, serve } from "./service.ts";
import { emptyFolder, jsonReport, runFolder, start, tenfold, writeConfig } from "./tenfold.ts";

const EXPERIMENT = fileURLToPath(new URL("../../config/experiment.yaml", import.meta.url));
const FAST = ["--config", EXPERIMENT, "--set", "workloads.todo_user.think_time=20ms"];

describe("config/experiment.yaml", () => {
  test("changes users and weights with the phase, as the variables say, and compares both", async () => {
    const todos = await countedStandIn("todos");
    onTestFinished(() => todos.close());
    const cwd = emptyFolder();
    const { stdout, stderr } = await tenfold(FAST, cwd, {
      ...{ LOCUST_HOST: todos.url, LOCUST_RUN_TIME: "3", LOCUST_SPAWN_RATE: "100", LOCUST_USERS: "12" },
      ...{ LOAD_WARMUP_DURATION: "1.5", LOAD_INTERVENTION_USERS: "4" },
      LOAD_INTERVENTION_TASK_WEIGHTS: '{"list_todos": 0, "delete_todo": 60}',
    });
    const report = jsonReport(runFolder(cwd, "experiment"));
    expect(stderr).toMatch(
      /Phase baseline ends at 0:01: 12 users, spawn rate 100\/s, weights list_todos 40, create_todo 30, update_todo 15, complete_todo 10, delete_todo 5; \d+ requests, p50 .*, p95 .*, 0 errors/,
    );
    expect(stderr).toMatch(
      /Phase intervention began at 0:01: \d+ users, spawn rate 100\/s, weights list_todos 0, .*60;/,
    );
    expect(stdout).toContain("baseline, then intervention");
    expect(report.comparison).toMatchObject({ comparable: true, verdict: "inconclusive" });
    const [before, after] = report.phases.map(({ endpoints }) => {
      const requests = (name: string) => endpoints.find((each) => each.name === name)?.requests ?? 0;
      return { lists: requests("GET /api/todos"), deletes: requests("DELETE /api/todos/:id") };
    });
    expect(before!.lists).toBeGreaterThan(20);
    expect(after).toMatchObject({ lists: 0 });
    expect(after!.deletes).toBeGreaterThan(before!.deletes);
    expect(report.total.requests).toBe(countOf(todos, /api|health/) - 1); // the probe asks /health too
    expect(report.total.failures).toBe(0);
  });

  test("is the intervention alone without a warm-up, and its tasks come by their weights", async () => {
    const todos = await countedStandIn("todos");
    onTestFinished(() => todos.close());
    const cwd = emptyFolder();
    await tenfold(FAST, cwd, {
      ...{ LOCUST_HOST: todos.url, LOCUST_RUN_TIME: "3", LOCUST_SPAWN_RATE: "100", LOCUST_USERS: "20" },
    });
    const report = jsonReport(runFolder(cwd, "experiment"));
    expect(report.phases.map(({ name }) => name)).toEqual(["intervention"]);
    expect(report.comparison).toBeNull();
    const done = (pattern: RegExp) => countOf(todos, pattern);
    const [updated, completed, deleted] = [/^PUT .*\/\d+$/, /^PUT .*\/complete$/, /^DELETE /].map(done) as number[];
    const [listed, created] = [done(/^GET \/api\/todos$/), done(/^POST /)];
    const tasks = report.tasks!.map(({ metrics }) => metrics.task_duration!.count);
    expect(chiSquare(tasks, [40, 30, 15, 10, 5])).toBeLessThan(18.47); // 4 degrees of freedom, 0.1 %
    expect(listed! + updated! + completed! + deleted!).toBeGreaterThan(50);
    expect(created).toBeGreaterThan(0);
    expect(report.total.failures).toBe(0);
  });

  test.each(["3", "4"])("is refused with a warm-up of %s s in a run of 3 s", async (warmUp) => {
    const { code, stderr } = await tenfold(FAST, emptyFolder(), { LOCUST_RUN_TIME: "3", LOAD_WARMUP_DURATION: warmUp });
    expect(code).toBe(104);
    expect(stderr).toContain("expected more than that, or 0 for no end");
  });
});

test("config/experiment.yaml says that it cannot wait for a page on which somebody starts it", async () => {
  const { code, stderr } = await tenfold([], emptyFolder(), { LOCUST_AUTOSTART: "false", LOCUST_HOST: "http://x" });
  expect(code).toBe(104);
  expect(stderr).toContain('the variable LOCUST_AUTOSTART is "false": expected one of true');
});

/** Two phases of a service that answers, with a fault in the second that hooks start and end. */
async function faulty(hooks: string, criterion = "requests > 5", answer = ok) {
  const service = await serve(answer);
  onTestFinished(() => service.close());
  const cwd = emptyFolder();
  const config = writeConfig(
    cwd,
    `services: { rest: { api: { host: "${service.url}", endpoints: [ { path: / } ] } } }
scenarios:
  s:
    think_time: 50ms
    criteria: [ ${criterion} ]
    phases:
      - { name: level, users: 2, duration: 0.5s }
      - { name: fault, users: 2, duration: 1.5s, ${hooks} }`,
  );
  const run = start(["--config", config], cwd);
  return { cwd, run, on: join(cwd, "fault-is-on"), off: join(cwd, "fault-was-ended") };
}

const FAULT = `on_enter: { command: "echo now; touch fault-is-on" }, on_exit: { command: "rm fault-is-on; touch fault-was-ended" }`;

describe("hooks", () => {
  test("are done as their phase begins and ends, and told in the log", async () => {
    const { run, on, off } = await faulty(FAULT.replace("rm fault", "test -e fault-is-on && rm fault"));
    const { code, stderr } = await run.ended;
    expect(code).toBe(0);
    expect(existsSync(on)).toBe(false);
    expect(existsSync(off)).toBe(true);
    expect(stderr).toContain("phase fault, on_enter: now");
    expect(stderr.match(/on_exit: test/g)).toHaveLength(1);
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "end the fault after %s, also where ending it takes longer",
    async (signal) => {
      const slow = FAULT.replace("rm fault", "sleep 1; rm fault").replace("1.5s", "60s");
      const { run, on, off } = await faulty(`${slow}`);
      await run.seen(/phase fault, on_enter: now/);
      run.child.kill(signal);
      await run.seen(/on_exit: sleep/);
      await new Promise((resolve) => setTimeout(resolve, 350));
      run.child.kill(signal); // a second one waits for that alone
      expect((await run.ended).code).toBe(105);
      expect(existsSync(on)).toBe(false);
      expect(existsSync(off)).toBe(true);
    },
  );

  test("end the fault where a criterion aborts the run in it", async () => {
    const long = FAULT.replace("touch fault-was", "sleep 0.2; touch fault-was");
    const { run, off } = await faulty(
      `${long} }\n      - { name: rest, users: 2, duration: 60s`,
      '{ expect: "errors == 0", phase: fault, min_samples: 5, abort: true }',
      (_, response) => void response.writeHead(500).end(),
    );
    expect((await run.ended).code).toBe(99);
    expect(existsSync(off)).toBe(true);
  });

  test("that fail make the verdict unknown, and the leaving one is done all the same", async () => {
    const { cwd, run, off } = await faulty(FAULT.replace("touch fault-is-on", "exit 7"));
    const { code, stdout } = await run.ended;
    expect(code).toBe(97);
    expect(stdout).toMatch(/s: UNKNOWN/);
    expect(existsSync(off)).toBe(true);
    const report = jsonReport(runFolder(cwd, "s"));
    expect(report.notices.find(({ kind }) => kind === "hook-failed")?.text).toMatch(
      /phase fault, on_enter: .*exit code 7/,
    );
    expect(readFileSync(join(runFolder(cwd, "s"), "timeline.jsonl"), "utf8")).toContain("hook-failed");
  });
});
