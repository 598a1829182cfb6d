import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { documentOf } from "../reports/document.ts";
import { readRun } from "../result_file.ts";
import { ok, type Service, serve } from "./service.ts";
import { emptyFolder, jsonReport, runFolder, start, tenfold, writeConfig } from "./tenfold.ts";

let service: Service;
beforeEach(async () => {
  service = await serve(ok);
});
afterEach(() => service.close());

/** A folder with a workload of code and a scenario `s` that runs it. */
function project(code: string, scenario: string): string {
  const cwd = emptyFolder();
  mkdirSync(join(cwd, "users"));
  writeFileSync(join(cwd, "users", "checkout.ts"), code);
  writeConfig(
    cwd,
    `
services: { rest: { shop: { host: "${service.url}" } } }
workloads: { custom: { file: ./users/checkout.ts } }
scenarios: { s: { ${scenario}, workload: custom, think_time: 20ms } }
`,
  );
  return cwd;
}

const RUN = ["--config", "tenfold.yaml", "--scenario", "s", "--format", "json"];

const SHOPPER = `import { defineWorkload } from "tenfold";

interface Shared { readonly run: string }

export default defineWorkload<Shared>({
  async setup(run) {
    await fetch(run.hosts.shop + "/setup", { method: "POST" });
    return { run: run.id };
  },
  async start(user) {
    user.vars.cart = (await user.post("/cart", { json: { user: user.index } })).json().ok;
  },
  async teardown(run) {
    await fetch(run.hosts.shop + "/teardown/" + (run.shared.run === run.id), { method: "POST" });
  },
  tasks: {
    browse: { weight: 3, async run(user) {
      const answer = await user.get("/product/" + user.random.int(1, 9), { name: "GET /product/:id" });
      user.check(answer.status === 200 && answer.json().ok === user.vars.cart, "is ok");
      user.metric("cart_value", 12.5, { kind: "gauge", unit: "EUR" });
      await user.think("1ms..5ms");
    } },
    async turn(user) {
      await user.group("turn", () => Promise.all([user.get("/ask"), user.get("/answer", { query: { q: "ä" } })]));
      user.check(user.shared.run === "somebody else's", "never holds");
      user.metric("turns", 1, { kind: "counter" });
      if (user.iteration % 2 === 0) throw new TypeError("no turn");
    },
  },
});
`;

test("code calls, checks, measures and breaks: counted as the service counted, judged, and told with file and line", async () => {
  const criteria = `[ "cart_value mean < 13", "turn max < 10s", "turns total > 2", "exceptions mean < 1%" ]`;
  const cwd = project(SHOPPER, `users: 8, duration: 2s, criteria: ${criteria}`);
  const { code, stdout, stderr } = await tenfold([...RUN, "--workers", "2"], cwd);
  expect(code).toBe(99);
  const { endpoints, tasks = [], metrics = [], criteria: judged } = jsonReport(runFolder(cwd, "s"));
  const products = [...service.counts].filter(([path]) => path.startsWith("GET /product/"));
  const counted = Object.fromEntries(endpoints.map((each) => [each.name, each.requests]));
  expect(counted).toEqual({
    "POST /cart": service.counts.get("POST /cart"),
    "GET /product/:id": products.reduce((sum, [, count]) => sum + count, 0),
    "GET /ask": service.counts.get("GET /ask"),
    "GET /answer": service.counts.get("GET /answer"),
  });
  expect(service.counts.get("POST /setup")).toBe(1);
  expect(service.counts.get("POST /teardown/true")).toBe(1);
  const named = new Map(metrics.map((each) => [each.name, each.metrics]));
  expect(named.get("cart_value")!.cart_value).toMatchObject({ unit: "EUR", mean: 12.5 });
  expect(named.get("turns")!.turns!.total).toBe(named.get("turns")!.turns!.count);
  expect(named.get("turn")!.turn_failed!.mean).toBe(0);
  expect(named.get("turn: GET /ask")!.part!.count).toBe(named.get("turn")!.turn!.count);
  const answers = endpoints.filter(({ name }) => name === "GET /ask" || name === "GET /answer");
  const failed = answers.flatMap((each) => each.failures_by_type);
  expect(new Set(failed.map(({ message }) => message))).toEqual(new Set(["check failed: never holds"]));
  const place = join(cwd, "users", "checkout.ts:27:43");
  expect(tasks.find(({ name }) => name === "turn")!.exceptions![0]!.message).toBe(`TypeError: no turn (${place})`);
  expect(stderr).toContain(`custom threw TypeError: no turn (${place})`);
  expect(stdout).toContain("EXCEPTION: TypeError: no turn");
  expect(judged.map(({ status }) => status)).toEqual(["pass", expect.any(String), "pass", "fail"]);
});

test("teardown runs once after Ctrl-C, and nothing of the user's code keeps the run from its end", async () => {
  const code = `import { defineWorkload } from "tenfold";
export default defineWorkload({
  teardown: (run) => run.log("torn down in", run.scenario),
  tasks: { async wait(user) {
    for (;;) try { await user.get("/slow"); await user.think("1h"); } catch {}
  } },
});`;
  const run = start([...RUN, "--workers", "1"], project(code, "users: 3, duration: 60s, grace: 1s"));
  await run.seen(/running|load 1m/);
  while (!service.counts.has("GET /slow")) await new Promise((resolve) => setTimeout(resolve, 20));
  run.child.kill("SIGINT");
  const { code: exit, stderr } = await run.ended;
  expect(exit).toBe(105);
  expect(stderr.match(/torn down in s/g)).toHaveLength(1);
});

test.each([
  ["export default { tasks: {} };", 104, "expected at least one task with a weight over 0"],
  ["const a = 1;\nexport default defineWorkload(;", 104, "(line 2)"],
  ["export default 3;", 104, "export default defineWorkload({ tasks: ... })"],
  [
    'export default {\n  setup() {\n    throw new Error("no stock");\n  },\n  tasks: { a() {} } };',
    97,
    "setup of custom failed: no stock (",
  ],
  ["export default { setup: () => () => 1, tasks: { a() {} } };", 97, "could not be cloned"],
])("a file that cannot be used is told before anything is sent: %s", async (code, exit, said) => {
  const { code: found, stdout, stderr } = await tenfold(RUN, project(code, "users: 1, duration: 1s"));
  expect(stdout + stderr).toContain(said);
  expect(found).toBe(exit);
  expect([...service.counts.keys()].filter((path) => path !== "GET /")).toEqual([]);
});

test("names without end count as one, and a notice says so", async () => {
  const code = `export default { tasks: { async a(user) {
    for (let i = 0; i < 60; i++) await user.get("/item/" + user.iteration + "/" + i);
  } } };`;
  const cwd = project(code, "users: 1, iterations: 5");
  await tenfold([...RUN, "--workers", "1"], cwd);
  const { endpoints, notices, total } = jsonReport(runFolder(cwd, "s"));
  expect(total.requests).toBe(300);
  expect(endpoints.length).toBe(201);
  expect(endpoints.find(({ name }) => name === "(other names)")!.requests).toBe(100);
  expect(notices.map(({ kind }) => kind)).toContain("names-bounded");
});

const VOICE = `import { defineWorkload } from "tenfold";

export default defineWorkload({
  tasks: {
    untagged() { throw new Error("runs without its tag"); },
    turn: { tags: ["voice"], async run(user) {
      const { id } = user.data.clips!;
      const audio_data = Buffer.alloc(3200).toString("base64");
      const heard = await user.call("stt.Recognize", { audio_data, sample_rate: 16000 }, { metadata: { "x-clip": id } });
      user.check(heard.json()?.results.length > 0, "has a transcript");
      const said = await user.send({ type: "chat", text: "clip " + id }, { reply: { "$.text": "clip " + id } });
      user.check(said.json()?.text === "clip " + id, "is its echo");
      const kept = await user.get("/keep/" + id, { name: "keep" });
      user.check(kept.ok, "is kept", heard);
    } },
  },
});
`;

test("arrivals of code call gRPC, WebSocket and HTTP with rows of data, chosen by tag; log and timeline tell the same", async () => {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "voice.ts"), VOICE);
  writeFileSync(join(cwd, "clips.csv"), `id\n${Array.from({ length: 200 }, (_, i) => `c${i}`).join("\n")}\n`);
  writeConfig(
    cwd,
    `
services:
  rest: { shop: { host: "${service.url}" } }
  grpc: { stt: { host: embedded } }
  websocket: { chat: { host: embedded } }
workloads: { custom: { file: ./voice.ts, data: { clips: { file: clips.csv } } } }
scenarios: { s: { rate: 10, duration: 1500ms, workload: custom, criteria: [ { expect: "errors == 0", tag: voice } ] } }
`,
  );
  const args = [...RUN, "--workers", "2", "--tags", "voice", "--log-requests"];
  const { code, stderr } = await tenfold(args, cwd);
  expect(`${code} ${stderr}`).toMatch(/^(0|97) /);
  const folder = runFolder(cwd, "s");
  const { endpoints, tasks, run_id } = jsonReport(folder);
  const counts = new Map(endpoints.map(({ name, requests, failures }) => [name, [requests, failures]]));
  expect(counts.get("stt.Recognize")).toEqual([15, 0]);
  expect(counts.get("chat message")).toEqual([15, 0]);
  expect(counts.get("keep")).toEqual([15, 0]);
  expect(endpoints.find(({ name }) => name === "keep")).toMatchObject({ tags: ["voice"] });
  expect(tasks!.map(({ name }) => name)).toEqual(["turn"]);
  const paths = [...service.counts.keys()].filter((path) => path.startsWith("GET /keep/")).sort();
  expect(paths).toEqual(Array.from({ length: 15 }, (_, i) => `GET /keep/c${i}`).sort());

  const lines = readFileSync(join(folder, `results_${run_id}.jsonl`), "utf8")
    .trim()
    .split("\n");
  const records = lines.map((line) => JSON.parse(line));
  const kept = records.filter(({ function_id }) => function_id === "shop");
  expect(kept.map(({ url }) => `GET ${new URL(url).pathname}`).sort()).toEqual(paths);
  expect(kept[0].response_json).toEqual({ ok: true });
  const heard = records.filter(({ function_id }) => function_id === "stt");
  expect(heard.map(({ status_code }) => status_code)).toEqual(Array(15).fill("OK"));
  expect(heard[0].response_json.results).toHaveLength(1);

  const elsewhere = emptyFolder();
  copyFileSync(join(folder, "timeline.jsonl"), join(elsewhere, "timeline.jsonl"));
  const again = documentOf((await readRun(elsewhere)).report);
  const told = ({ name, requests, failures, latency_ms }: (typeof endpoints)[number]) => [
    name,
    requests,
    failures,
    latency_ms,
  ];
  expect(again.endpoints.map(told)).toEqual(endpoints.map(told));
});

test("--once shows what code sends and gets, of one user and one task, without secrets", async () => {
  const code = `import { defineWorkload } from "tenfold";
export default defineWorkload({ tasks: { async a(user) {
  const first = await user.post("/first", { json: { id: user.id }, headers: { "x-token": "hush-hush" } });
  await user.get("/second", { query: { ok: first.json().ok } });
} } });`;
  const cwd = project(code, "users: 5, duration: 30s");
  const { code: exit, stdout } = await tenfold([...RUN, "--once"], cwd);
  expect(exit).toBe(0);
  expect([...service.counts].filter(([path]) => path !== "GET /")).toEqual([
    ["POST /first", 1],
    ["GET /second", 1],
  ]);
  for (const shown of ["POST /first", '{"id":"user-0"}', "x-token: ***", "GET /second?ok=true", '{"ok":true}'])
    expect(stdout).toContain(shown);
  expect(stdout).not.toContain("hush-hush");
});

test("code that calls at once what can never be sent lets others work, and ends with the run", async () => {
  const code = `export default { tasks: {
  never: async (user) => { for (;;) await user.post("/never", { json: { n: 1n } }); },
  fine: async (user) => { await user.get("/fine"); },
} };`;
  const cwd = project(code, "users: 4, duration: 1s");
  const { stdout } = await tenfold([...RUN, "--workers", "1"], cwd);
  expect(service.counts.get("GET /fine")).toBeGreaterThan(0);
  const never = jsonReport(runFolder(cwd, "s")).endpoints.find(({ name }) => name === "POST /never")!;
  expect(never.failures).toBe(never.requests);
  expect(stdout).toContain("BigInt");
});

test("users' files are compiled once: threads of the load need no Babel for them, nor for what they import", async () => {
  const code = `import { createRequire } from "node:module";
import { isMainThread } from "node:worker_threads";
import { defineWorkload } from "tenfold";
import { wordOf } from "./words.ts";
const hasBabel = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes("babel"));
export default defineWorkload({
  setup: (run) => run.log("in the main thread", isMainThread, hasBabel()),
  tasks: { async a(user) { user.log(wordOf(1), isMainThread, hasBabel()); await user.get("/"); } },
});`;
  const cwd = project(code, "users: 1, iterations: 1");
  writeFileSync(join(cwd, "users", "words.ts"), "export const wordOf = (n: number): string => `imported ${n}`;");
  const { stderr } = await tenfold(RUN, cwd);
  expect(stderr).toContain("in the main thread true true");
  expect(stderr).toContain("imported 1 false false");
});
