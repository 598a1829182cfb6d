import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Service, serve } from "./service.ts";
import { emptyFolder, jsonReport, runFolder, start, tenfold, writeConfig } from "./tenfold.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const RUN = ["--config", "tenfold.yaml", "--format", "json"];

let service: Service;
beforeEach(async () => {
  service = await serve((request, response) => {
    const answer = () => response.writeHead(200).end("the answer to hush-hush");
    if (request.url === "/slow") setTimeout(answer, 2100);
    else answer();
  });
});
afterEach(() => service.close());

/** A folder with a file for each of these sinks, `sink.ts` the first, and a scenario `s` that they hear of. */
function project(sinks: readonly string[], scenario: string, paths: readonly string[] = ["/quick"]): string {
  const cwd = emptyFolder();
  const files = sinks.map((text, i) => {
    const file = i === 0 ? "sink.ts" : `sink${i + 1}.ts`;
    writeFileSync(join(cwd, file), text);
    return `./${file}`;
  });
  const endpoints = paths.map((path) => `{ path: "${path}" }`).join(", ");
  writeConfig(
    cwd,
    `
services: { rest: { shop: { host: "${service.url}", auth: { bearer: "\${TOKEN:-none}" }, endpoints: [ ${endpoints} ] } } }
plugins: [ ${files.join(", ")} ]
scenarios: { s: { think_time: 5ms, ${scenario}, criteria: [ error_rate < 1% ] } }
`,
  );
  return cwd;
}

const sink = (body: string): string =>
  `import { defineSink } from "tenfold";\nimport { appendFileSync } from "node:fs";\nexport default defineSink(${body});\n`;

/** Lines that a sink wrote, in the order in which it heard of calls. */
const heardIn = (cwd: string, file: string): Record<string, unknown>[] =>
  readFileSync(join(cwd, file), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

const sinkNotices = (cwd: string): string[] =>
  jsonReport(runFolder(cwd, "s"))
    .notices.filter(({ kind }) => kind === "sink-incomplete")
    .map(({ text }) => text);

describe("A sink", () => {
  it("hears of every call of all workers, masked, between its opening and its end; or of the share that it asks for", async () => {
    const all = sink(`{
  bodies: true,
  open: (run) => run.log("open", run.scenario, run.seed),
  call: (call) => appendFileSync("all.jsonl", JSON.stringify(call) + "\\n"),
  close: (run) => run.log("close"),
}`);
    const some = sink('{ sample: 0.25, call: ({ body }) => appendFileSync("some.jsonl", `{"body":"${body}"}\\n`) }');
    const cwd = project([all, some], "users: 4, iterations: 400");
    const { code, stderr } = await tenfold([...RUN, "--workers", "2", "--seed", "9"], cwd, { TOKEN: "hush-hush" });
    expect(`${code} ${stderr}`).toMatch(/^(0|97) /);
    const calls = heardIn(cwd, "all.jsonl");
    expect(calls).toHaveLength(400);
    expect(new Set(calls.map(({ user }) => user))).toEqual(new Set([0, 1, 2, 3]));
    expect(calls[0]).toEqual({
      ...{ service: "shop", name: "GET /quick", method: "GET", tags: [], url: `${service.url}/quick` },
      ...{ phase: "load", measured: true, user: expect.any(Number), at: expect.any(Number) },
      ...{ latency: expect.any(Number), duration: expect.any(Number), ok: true, outcome: "ok", status: "200" },
      ...{ error: "", requestBytes: 0, responseBytes: 23, body: "the answer to ***" },
    });
    const { length } = heardIn(cwd, "some.jsonl");
    expect(length).toBeGreaterThan(60);
    expect(length).toBeLessThan(140);
    expect(new Set(heardIn(cwd, "some.jsonl").map(({ body }) => body))).toEqual(new Set([""]));
    expect(stderr).toMatch(/open s 9[\s\S]*close/);
    expect(sinkNotices(cwd)).toEqual([]);
  });

  it("that throws is told with file and line and changes no verdict, nor the example beside it that logs slow requests", async () => {
    const throwing = sink(`{
  call(call, run) {
    if (call.user === 1) throw new TypeError("no user 1");
    run.log("heard", call.user);
  },
  close() { null.x; },
}`);
    const example = readFileSync(join(REPOSITORY, "config/sinks/slow_requests.ts"), "utf8");
    const cwd = project([throwing, example], "users: 2, iterations: 2, per: user", ["/quick", "/slow"]);
    const { code, stderr } = await tenfold(RUN, cwd);
    expect([0, 97]).toContain(code);
    expect(stderr.match(/heard 0/g)).toHaveLength(2);
    const [threw, closed, count, ...rest] = sinkNotices(cwd);
    expect(threw).toBe(`the \`call\` of the sink sink.ts threw TypeError: no user 1 (${join(cwd, "sink.ts")}:5:32)`);
    expect(closed).toMatch(/^the `close` of the sink sink.ts threw TypeError: Cannot read .*sink\.ts:8:/);
    expect([count, ...rest]).toEqual(["the sink sink.ts threw at 2 of the 4 calls that it heard of"]);
    const slow = service.counts.get("GET /slow") ?? 0;
    expect(slow).toBeGreaterThan(0);
    expect(stderr.match(/Slow request: GET \/slow took 2\d{3} ms/g)).toHaveLength(slow);
    expect(stderr).not.toContain("/quick took");
    expect(example.trim().split("\n").length).toBeLessThanOrEqual(11);
  });

  it("that never comes back slows nothing, ends with the run after Ctrl-C, and is told", async () => {
    const cwd = project([sink("{ call() { for (;;); } }")], "users: 2, duration: 60s");
    const run = start(RUN, cwd);
    while ((service.counts.get("GET /quick") ?? 0) < 200) await new Promise((resolve) => setTimeout(resolve, 20));
    run.child.kill("SIGINT");
    const { code, stdout } = await run.ended;
    expect(code).toBe(105);
    expect(stdout).toMatch(/s: (PASS|UNKNOWN)/);
    const [told, ...more] = sinkNotices(cwd);
    expect(told).toMatch(
      /^the sink sink.ts did not hear of all calls: it did not come to its end within 3 s, and \d+ calls waited for it; let its `call` come back sooner .*`sample: 0.1`$/,
    );
    expect(more).toEqual([]);
  });

  it.skipIf(process.platform === "win32")(
    "that the system holds, in a pipe that nobody reads, keeps no call waiting, is told, and does not keep the process",
    async () => {
      const cwd = project(
        [sink('{ call: ({ name }) => appendFileSync("pipe", name + "\\n") }')],
        "users: 4, iterations: 400",
      );
      execFileSync("mkfifo", [join(cwd, "pipe")]);
      const run = start(RUN, cwd);
      const [{ stdout, stderr }, [, signal]] = await Promise.all([run.ended, once(run.child, "close")]);
      expect(stdout).toMatch(/s: (PASS|UNKNOWN)/);
      const { total } = jsonReport(runFolder(cwd, "s"));
      expect([total.requests, total.failures]).toEqual([400, 0]);
      expect(sinkNotices(cwd)[0]).toMatch(
        /it did not come to its end within 3 s, and 400 calls waited for it; let its/,
      );
      expect(stderr).toMatch(/held by the system.* its exit code would have been (0|97)$/m);
      expect(signal).toBe("SIGKILL");
    },
  );
});
