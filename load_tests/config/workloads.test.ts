import { describe, expect, it } from "vitest";
import { ENDLESS } from "../core/endless.ts";
import type { DataFiles } from "../core/feed.ts";
import { criteria, protocols } from "../registry.ts";
import { shareOut } from "./flows.ts";
import { ConfigError, type Flags, loadPlan, type Plan } from "./load.ts";
import { planText } from "./plan.ts";

const load = (text: string, flags: Flags = {}): Promise<Plan> =>
  loadPlan({ file: "load.yaml", text, env: {}, protocols, criteria, flags, readable: () => true });

const API = `services:
  rest: { api: { host: "localhost:1" }, other: { host: "localhost:2", endpoints: [ { path: / } ] } }
  websocket: { chat: { host: "localhost:3", messages: [ { send: hello } ] } }
`;
const S = "scenarios: { s: { users: 10, duration: 1m, workload: w } }\n";

/** `line:column message` of everything that is wrong. */
async function wrong(text: string, flags?: Flags): Promise<string[]> {
  const outcome = await load(text, flags).catch((error: unknown) => error);
  if (!(outcome instanceof ConfigError)) throw outcome;
  return outcome.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const scenarioOf = async (text: string, flags?: Flags) => (await load(text, flags)).scenarios[0]!;

const steps = (written: string): string => `${API}${S}workloads:\n  w: { service: api, steps: [ ${written} ] }\n`;

describe("A workload", () => {
  it("goes into its scenario with the calls of its steps as the endpoints of its services, and no others", async () => {
    const scenario = await scenarioOf(`${API}${S}workloads:
  w:
    service: api
    think_time: 1s
    on_start: [ { post: /login, json: { user: "{{user.id}}" }, capture: { token: "$.token" } } ]
    tasks:
      - { name: a, weight: 3, steps: [ { get: "/x/{{token}}", name: "GET /x/:token" }, { send: hello } ] }
      - { name: b, steps: [ { get: /y, service: other }, { loop: 2, steps: [ { get: /z } ] } ] }
`);
    expect(scenario.services.map(({ name, endpoints }) => [name, endpoints.map((each) => each.name)])).toEqual([
      ["api", ["POST /login", "GET /x/:token", "GET /z"]],
      ["other", ["GET /y"]],
      ["chat", ["chat message"]],
    ]);
    expect(scenario.services[0]!.endpoints[0]!.captures).toEqual([{ name: "token", from: "$.token", list: false }]);
    const [plan] = scenario.workloads!;
    expect(plan!.onStart).toEqual([{ do: "call", service: 0, endpoint: 0 }]);
    expect(plan!.tasks[0]!.steps).toEqual([
      { do: "call", service: 0, endpoint: 1 },
      { do: "call", service: 2, endpoint: 0 },
    ]);
    expect(plan!.tasks[1]!.steps[1]).toMatchObject({ do: "loop", steps: [{ service: 0, endpoint: 2 }] });
    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
  });

  it("leaves the calls by weight of other scenarios alone", async () => {
    const text = `services: { rest: { api: { host: "localhost:1", endpoints: [ { path: /own } ] } } }
scenarios: { plain: { users: 1, duration: 1s }, s: { users: 1, duration: 1s, workload: w } }
workloads: { w: { steps: [ { get: /step } ] } }
`;
    const { scenarios } = await load(text, { scenario: ["plain", "s"] });
    expect(scenarios.map(({ services }) => services[0]!.endpoints.map(({ name }) => name))).toEqual([
      ["GET /own"],
      ["GET /step"],
    ]);
  });

  it("of gRPC is called by the service's name and the method's, and asks its proto", async () => {
    const text = `services: { grpc: { stt: { host: "localhost:1" } } }
scenarios: { s: { users: 1, duration: 1s, workload: w } }
workloads: { w: { steps: [ { call: stt.Recognize }, { call: june.asr.SpeechToText/Recognize, name: full } ] } }
`;
    const { services } = await scenarioOf(text);
    expect(services[0]!.endpoints.map(({ name }) => name)).toEqual(["stt.Recognize", "full"]);
    const said = await wrong(text.replace("stt.Recognize", "stt.Recognise"));
    expect(said.join("\n")).toContain("workloads.w.steps[0].call: expected");
    expect(said.join("\n")).toContain("the nearest is june.asr.SpeechToText/Recognize");
  });

  it("shares the users of a scenario by weight, each whole, beside those that bring their own", async () => {
    const { flows, duration } =
      await scenarioOf(`${API}workloads: { a: { steps: [ { get: /, service: api } ] }, b: { steps: [ { get: /, service: api } ] } }
scenarios: { s: { users: 10, duration: 1m, workloads: [ { workload: a, weight: 2 }, { workload: b }, { workload: b, users: 3, start: 20s } ] } }
`);
    expect(flows.map(({ workload, segments }) => [workload, segments[0]!.start, segments[0]!.to])).toEqual([
      ["a", 0, 7],
      ["b", 0, 3],
      ["b", 20_000, 3],
    ]);
    expect(duration).toBe(60_000);
    expect(shareOut(10, [1, 1, 1])).toEqual([4, 3, 3]);
  });

  const two = (list: string, beside = "") =>
    `${API}workloads: { a: { steps: [ { get: /, service: api } ] }, b: { steps: [ { get: /, service: api } ] } }
scenarios: { s: { duration: 1m, ${beside} workloads: [ ${list} ] } }
`;

  it("may bring a load of any shape, from its own start on, and needs no other beside it", async () => {
    const plan = await load(
      two(
        `{ workload: a, users: 6, spawn_rate: 2, start: 10s }, { workload: b, rate: { steps: { start: 5, step: 5, every: 20s } } },
         { workload: b, start: 50s, rate: { from: 0, to: 8 } }`,
      ),
    );
    const [scenario] = plan.scenarios;
    expect(scenario!.flows.map(({ drive, segments }) => [drive, segments])).toEqual([
      [
        "users",
        [
          { start: 10_000, duration: 3000, from: 0, to: 6 },
          { start: 13_000, duration: 47_000, from: 6, to: 6 },
        ],
      ],
      ["arrivals", [5, 10, 15].map((from, i) => ({ start: i * 20_000, duration: 20_000, from, to: from }))],
      ["arrivals", [{ start: 50_000, duration: 10_000, from: 0, to: 8 }]],
    ]);
    expect(scenario!.phases).toMatchObject([{ name: "load", start: 0, duration: 60_000 }]);
    const text = planText(plan, scenario!);
    for (const line of ["a (users)", "      6 |", "b (arrivals a second)", "     15 |", "      8 |"])
      expect(text).toContain(line);
  });

  it.each([
    ["{ workload: a, weight: 0 }, { workload: b, users: 5 }", "", "expected `users`, `rate` or `phases`"],
    ["{ workload: a, users: 5 }", "users: 5,", "expected one with a weight over 0"],
    ["{ workload: a, rate: 5, spawn_rate: 5 }", "", "`spawn_rate` goes with a number of `users`"],
    ["{ workload: a, rate: { sine: { mean: 5, amplitude: 5, period: 10ms } } }", "", "more than 10000 straight pieces"],
    ["{ workload: a, rate: { points: none.csv } }", "", "expected a file that can be read"],
  ])("with the load %s beside %s is refused: %s", async (list, beside, why) => {
    expect((await wrong(two(list, beside))).join("\n")).toContain(why);
  });

  it("may be weighed anew by a phase, and is drawn in the plan", async () => {
    const plan =
      await load(`${API}workloads: { w: { service: api, tasks: [ { name: a, steps: [ { get: / } ] }, { name: b, steps: [ { think: 1s } ] } ] } }
scenarios: { s: { workload: w, phases: [ { name: one, users: 1, duration: 1s }, { name: two, users: 1, duration: 1s, task_weights: { b: 5 } } ] } }
`);
    const [scenario] = plan.scenarios;
    expect(scenario!.phases.map(({ taskWeights }) => taskWeights)).toEqual([undefined, { "w.b": 5 }]);
    const text = planText(plan, scenario!);
    for (const line of ["a  weight 1, 50 %", "api: GET /", "think 1 s", "weights in phase two: b 5"])
      expect(text).toContain(line);
  });
});

describe("The plan of a workload's data", () => {
  it("says its file, how many rows it has, and how they are drawn", async () => {
    const text = `${API}workloads: { w: { service: api, data: { logins: { file: /d/logins.csv, order: shuffle, unique: true, at_end: stop } }, steps: [ { get: "/{{logins.name}}" } ] } }
scenarios: { s: { workload: w, users: 1, duration: 1s } }
`;
    const feed = { name: "logins", file: "/d/logins.csv", format: "csv", delimiter: ",", rows: 12 } as const;
    const data: DataFiles = {
      feed: async (_name, { order, unique, at_end: atEnd }) => ({
        feed: { ...feed, order, unique, atEnd },
        columns: ["name"],
      }),
      rows: () => Promise.reject(new Error("nobody reads rows of a plan")),
    };
    const plan = await loadPlan({
      ...{ file: "f.yaml", text, env: {}, protocols, criteria, flags: {}, data },
      readable: () => true,
    });
    expect(planText(plan, plan.scenarios[0]!)).toContain(
      "data logins: /d/logins.csv, 12 rows, shuffle, unique, a row a task, at_end stop",
    );
  });
});

describe("What is wrong with a workload is told at its place", () => {
  it.each([
    ["a word that is none", "{ gett: / }", "6:33 unknown key `gett` in workloads.w.steps[0]", "did you mean `get`"],
    ["no word", "{ name: x }", "6:31 workloads.w.steps[0]: expected one of", "found none"],
    ["two words", "{ get: /, think: 1s }", "6:31 workloads.w.steps[0]: expected one of", "found think and get"],
    ["a key of another word", "{ think: 1s, json: {} }", "6:50", "`json` does not go with `think`"],
    ["an unknown service", "{ get: /, service: oter }", "6:50", "no service for `get` is named `oter`", "`other`"],
    ["a name that nothing fills", "{ get: '/{{crt}}' }", "6:38", "{{crt}}: nothing fills this name"],
    ["a condition on such a name", "{ if: crt, steps: [] }", "6:37", "nothing gives `crt` a value"],
    ["a condition that is none", "{ if: '3 <', steps: [] }", "6:37", "expected a condition"],
    ["a capture that finds nothing ever", "{ get: /, capture: { x: '$.[' } }", "6:55", 'expected "$.id"'],
    ["a path without its slash", "{ get: x }", "6:38", 'expected a path that begins with "/"'],
    ["a check that is none", "{ get: /, checks: [ 'stat == 1' ] }", "6:51", "expected it to begin with one of"],
    ["a loop without steps", "{ loop: 2 }", "6:31", "expected `steps` beside `loop`"],
    ["ways without weight", "{ choose: [ { weight: 0, steps: [] } ] }", "6:41", "the weights sum to nothing"],
  ])("%s", async (_what, written, where, ...words) => {
    const said = await wrong(steps(written));
    expect(said).toHaveLength(1);
    for (const word of [where, ...words]) expect(said[0]).toContain(word);
  });

  it.each([
    ["an unknown workload", "{ users: 1, duration: 1s, workload: v }", {}, "no workload is named `v`: expected w"],
    [
      "two ways to name them",
      "{ users: 1, duration: 1s, workload: w, workloads: [ { workload: w } ] }",
      {},
      "`workloads` beside",
    ],
    [
      "pacing of arrivals",
      "{ rate: 1, duration: 1s, workload: w }",
      { pacing: "1s" },
      "`pacing`, which goes with `users`",
    ],
    [
      "active without idle",
      "{ users: 1, duration: 1s, workload: w }",
      { active: "1s" },
      "`active` and `idle` together",
    ],
    [
      "two kinds of pause",
      "{ users: 1, duration: 1s, workload: w }",
      { pacing: "1s", think_time: "1s" },
      "beside `think_time`",
    ],
    [
      "services without the called one",
      "{ users: 1, duration: 1s, workload: w, services: [other] }",
      {},
      "which is not among these",
    ],
    [
      "an unknown task",
      "{ workload: w, phases: [ { users: 1, duration: 1s, task_weights: { x: 1 } } ] }",
      {},
      "no task is named `x`",
    ],
    [
      "counts of what has none",
      "{ users: 1, duration: 1s, workload: w, per: user }",
      {},
      "`per` goes with `iterations`",
    ],
  ])("%s", async (_what, scenario, more, word) => {
    const keys = Object.entries(more).map(([key, value]) => `${key}: ${value}, `);
    const text = `${API}scenarios: { s: ${scenario} }\nworkloads: { w: { ${keys.join("")}service: api, steps: [ { get: / } ] } }\n`;
    const said = await wrong(text);
    expect(said.join("\n")).toContain(word);
    expect(said).toHaveLength(1);
  });

  it("a service that only steps call, in what is its own", async () => {
    const of = (service: string) =>
      wrong(`services: { ${service} }\n${S}workloads: { w: { service: api, steps: [ { get: / } ] } }\n`);
    expect((await of('rest: { api: { host: "a b" } }')).join()).toMatch(
      /^1:\d+ services.rest.api.host: expected an address such as .* found "a b"$/,
    );
    expect((await of("rest: { api: { hosts: [ a, 'b c' ] } }")).join()).toContain("services.rest.api.hosts[1]");
    expect((await of("rest: { api: { host: a, tls: { ca: nowhere.pem } } }")).join()).toContain(
      "services.rest.api.tls",
    );
    await load(
      `services: { rest: { api: { host: a } } }\n${S}workloads: { w: { service: api, steps: [ { get: / } ] } }\n`,
    );
  });

  it("a service that nothing calls", async () => {
    const said = await wrong(`${API}scenarios: { s: { users: 1, duration: 1s } }\n`);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain("expected `endpoints`, or a workload whose steps call this service");
  });

  it("a variable in a step that is a secret is told as such", async () => {
    const text = steps('{ get: /, headers: { authorization: "Bearer ${TOKEN}" } }');
    const env = { TOKEN: "hunter2hunter2" };
    const request = { file: "load.yaml", text, env, protocols, criteria, flags: {}, readable: () => true };
    expect((await loadPlan(request)).secrets).toContain("hunter2hunter2");
  });
});

describe("A scenario that ends by count, or never", () => {
  const plain = (words: string) => `services: { rest: { api: { host: "localhost:1", endpoints: [ { path: / } ] } } }
scenarios: { s: ${words} }
`;

  it("needs no duration with iterations, of the run or of each user", async () => {
    expect((await scenarioOf(plain("{ users: 4, iterations: 10 }"))).flows[0]!.iterations).toBe(10);
    expect((await scenarioOf(plain("{ users: 4, iterations: 10, per: user }"))).flows[0]!.iterations).toBe(40);
    const flagged = await scenarioOf(plain("{ users: 4, duration: 1m }"), { iterations: 7 });
    expect(flagged.flows[0]!.iterations).toBe(7);
    expect(flagged.duration).toBeGreaterThan(1e9);
  });

  it("may be changed by --iterations and --duration in each phase that is measured", async () => {
    const text = `${API}workloads: { w: { service: api, steps: [ { get: / } ] } }
scenarios:
  s:
    phases:
      - { name: warm-up, workload: w, users: 5, iterations: 3, measured: false }
      - { name: calls, workload: w, users: 5, iterations: 20, per: user }`;
    const ends = async (flags: Flags) =>
      (await scenarioOf(text, flags)).flows.map(({ iterations, segments }) => [iterations, segments[0]!.duration]);
    const warmUp = [3, ENDLESS];
    expect(await ends({ iterations: 7 })).toEqual([warmUp, [35, ENDLESS]]);
    expect(await ends({ duration: 9000 })).toEqual([warmUp, [undefined, 9000]]);
    expect(await ends({ duration: 9000, iterations: 7 })).toEqual([warmUp, [35, 9000]]);
    expect((await wrong(text, { duration: 0 })).join()).toContain("phases have an end");
  });

  it("goes on until it is stopped with a duration of 0, and its plan says so", async () => {
    const plan = await load(plain("{ users: 4, duration: 0 }"));
    expect(planText(plan, plan.scenarios[0]!)).toContain("Until stopped");
    expect(planText(plan, plan.scenarios[0]!)).toContain("until stopped");
  });
});
