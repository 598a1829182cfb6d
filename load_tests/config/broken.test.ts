import { describe, expect, it } from "vitest";
import { API, errorOf, load, problemsOf } from "./fixtures_plan.ts";

const S = "scenarios: { s: { users: 1, duration: 1m } }";
/** Two lines before the line in question. */
const scenario = (words: string) => `${API}\nscenarios:\n  s: ${words}`;
const endpoint = (words: string) => `${S}\nservices:\n  rest: { api: { host: h, endpoints: [ ${words} ] } }`;
const service = (words: string) =>
  `${S}\nservices:\n  rest: { api: { host: h, endpoints: [ { path: / } ], ${words} } }`;

/** What is broken, the file, where (line:column), and words that the message must hold. */
const BROKEN: readonly (readonly [string, string, string, ...string[]])[] = [
  [
    "an unknown key at the top",
    `${API}\n${S}\nscenaros: {}`,
    "3:1",
    "unknown key `scenaros`",
    "did you mean `scenarios`?",
  ],
  [
    "an unknown key of a scenario",
    scenario("{ users: 1, duraton: 1m }"),
    "3:18",
    "unknown key `duraton`",
    "did you mean `duration`?",
  ],
  ["an unknown key of a service", service("wieght: 3"), "3:55", "`wieght`", "did you mean `weight`?"],
  ["an unknown key of an endpoint", endpoint("{ pth: / }"), "3:42", "`pth`", "did you mean `path`?"],
  ["an unknown kind of service", `${S}\nservices: { rset: {} }`, "2:13", "`rset`", "did you mean `rest`?"],
  [
    "text where a number is expected",
    scenario("{ users: ten, duration: 1m }"),
    "3:15",
    "expected a number",
    'found the text "ten"',
  ],
  ["a negative number of users", scenario("{ users: -1, duration: 1m }"), "3:15", "at least 0", "found the number -1"],
  ["half a user", scenario("{ users: 1.5, duration: 1m }"), "3:15", "a whole number", "1.5"],
  ["a duration without a unit that is known", scenario("{ users: 1, duration: 5 minutes }"), "3:28", "5m", "5 minutes"],
  ["a map where a list is expected", scenario("{ phases: { users: 1 } }"), "3:16", "expected a list", "found a map"],
  ["a list where a map is expected", `${API}\nscenarios: [ 1 ]`, "2:12", "expected a map", "found a list"],
  ["an empty scenario", scenario(""), "3:3", "expected a map", "found nothing"],
  ["an unknown way of arrivals", scenario("{ rate: 1, duration: 1m, arrivals: poison }"), "3:41", "poison"],
  ["an unknown method", endpoint("{ path: /, method: GTE }"), "3:59", "GET", "did you mean `GET`?"],
  [
    "a missing host",
    `${S}\nservices:\n  rest: { api: { endpoints: [] } }`,
    "3:11",
    "`services.rest.api.host` is missing",
    "text",
  ],
  ["missing services", S, "1:1", "`services` is missing"],
  ["missing scenarios", API, "1:1", "`scenarios` is missing"],
  ["an empty file", "# nothing\n", "1:1", "empty"],
  ["a duplicate key", `${API}\n${S}\n${S}`, "3:1", "unique", "a second time"],
  ["a scenario of the same name", `${API}\nscenarios:\n  s: { users: 1 }\n  s: { users: 2 }`, "4:3", "a second time"],
  ["a scenario without a name", `${API}\nscenarios: { "": { users: 1, duration: 1m } }`, "2:14", "a name", 'found ""'],
  ["a scenario that no flag could name", `${API}\nscenarios: { "a,b": { users: 1, duration: 1m } }`, "2:14", "commas"],
  ["a tab in the middle", "services:\n  rest:\n\tapi: {}", "3:1", "Tabs"],
  ["a file that is no text", "services: \u0000\u0001", "1:11", "UTF-8"],
  ["a file in another encoding", "services: caf\ufffd", "1:14", "UTF-8"],
  ["a Windows path in double quotes", service('body_file: "C:\\data\\x.json"'), "3:69", "escape"],
  ["a list of scenarios", `${API}\nscenarios:\n  - name: s\n    users: 1`, "3:3", "expected a map", "found a list"],
  ["a number in quotes", scenario('{ users: "10", duration: 1m }'), "3:15", 'the text "10"'],
  ["a number with a comma", `${API}\nscenarios:\n  s:\n    users: 1,000\n    duration: 1m`, "4:12", '"1,000"'],
  ["a number with a unit", scenario("{ rate: 5/s, duration: 1m }"), "3:14", '"5/s"'],
  ["no number", scenario("{ users: .nan, duration: 1m }"), "3:15", "NaN"],
  ["a date", scenario("{ users: 2024-01-01, duration: 1m }"), "3:15", "2024-01-01"],
  ["yes", scenario("{ users: yes, duration: 1m }"), "3:15", '"yes"'],
  ["an emoji", scenario("{ users: 🙂, duration: 1m }"), "3:15", "🙂"],
  ["a duration with a space", scenario("{ users: 1, duration: 5 m }"), "3:28", "5m", '"5 m"'],
  ["a duration as a clock", scenario("{ users: 1, duration: 00:05:00 }"), "3:28", "5m"],
  ["a duration of ISO 8601", scenario("{ users: 1, duration: PT5M }"), "3:28", "5m"],
  ["a negative duration", scenario("{ users: 1, duration: -5m }"), "3:28", "5m", "-5m"],
  ["an endless duration", scenario("{ users: 1, duration: .inf }"), "3:28", "5m", "Infinity"],
  ["a phase without a duration", scenario("{ phases: [ { users: 1 } ] }"), "3:18", "no end", "`duration`"],
  ["a level without its end", scenario("{ users: { from: 1 }, duration: 1m }"), "3:8", "users.to` is missing"],
  ["phases by name", scenario("{ phases: { level: { users: 1, duration: 1m } } }"), "3:16", "expected a list"],
  ["no phases", scenario("{ phases: [] }"), "3:16", "at least 1 entry"],
  ["a key of a scenario at the top", `${API}\n${S}\nusers: 5`, "3:1", "unknown key `users` in the file"],
  ["a list without entries", `${API}\n${S}\ncriteria:`, "3:1", "expected a list", "found nothing"],
  ["criteria as a map", `${API}\n${S}\ncriteria: { p95: 2s }`, "3:11", "expected a list", "found a map"],
  ["criteria as a sentence", `${API}\n${S}\ncriteria: p95 < 2s`, "3:11", "expected a list"],
  ["an error rate that all calls may have", `${API}\n${S}\nmetrics: { error_rate: { threshold: 1 } }`, "3:37", "1%"],
  ["a default with braces", scenario('{ users: "${N:-{1}}", duration: 1m }'), "3:15", "without braces"],
  ["a variable in another shell's words", scenario('{ users: "${N-1}", duration: 1m }'), "3:15", "${NAME:-default}"],
  ["a tab as indentation", "a:\n\tb: 1", "2:1", "not YAML"],
  ["an open bracket", `${API}\nscenarios: [ {}`, "2:16", "not YAML"],
  ["two documents", `${API}\n---\n${S}`, "2:1", "not YAML", "one config in a file"],
  ["a tag that nothing knows", `${API}\nscenarios: !js { }`, "2:12", "tag"],
  ["an alias without an anchor", `${API}\nscenarios: { s: *nothing }`, "2:17", "nothing"],
  ["a key named __proto__", `${API}\nscenarios: { __proto__: { users: 1 } }`, "2:14", "__proto__"],
  ["an unquoted variable in braces", service("weight: ${W}"), "3:63", "quotes", "${...}"],
  ["an unquoted template in braces", endpoint("{ path: /, json: {{user.id}} }"), "3:57", "quotes", "{{...}}"],
  ["an unquoted template after a key", `${S}\nservices: {{user.id}}`, "2:11", "quotes"],
  [
    "a variable that is not set",
    scenario('{ users: "${COUNT}", duration: 1m }'),
    "3:16",
    "COUNT is not set",
    "${COUNT:-default}",
  ],
  ["a variable without a name", scenario('{ users: "${1}", duration: 1m }'), "3:15", "${NAME}", "$${"],
  [
    "a variable of the wrong type",
    scenario('{ users: "${COUNT:-many}", duration: 1m }'),
    "3:15",
    "expected a number",
    "many",
  ],
  [
    "an unknown default scenario",
    `${API}\n${S}\ndefault_scenario: z`,
    "3:19",
    "no scenario is named `z`",
    "did you mean `s`?",
  ],
  ["a scenario without load", scenario("{ duration: 1m }"), "3:6", "no load", "`users`"],
  ["a scenario without an end", scenario("{ users: 1 }"), "3:6", "no end", "`duration`"],
  ["users and a rate", scenario("{ users: 1, rate: 1, duration: 1m }"), "3:24", "not both"],
  ["phases beside users", scenario("{ users: 1, phases: [ { users: 1, duration: 1m } ] }"), "3:15", "beside `phases`"],
  ["users 0 everywhere", scenario("{ users: 0, duration: 1m }"), "3:15", "0 everywhere"],
  [
    "users 0 in all phases",
    scenario("{ phases: [ { users: 0, duration: 1m }, { users: 0, duration: 1m } ] }"),
    "3:16",
    "0 everywhere",
  ],
  ["a phase without load", scenario("{ phases: [ { duration: 1m } ] }"), "3:18", "no load"],
  ["a phase without time", scenario("{ phases: [ { users: 1, duration: 0 } ] }"), "3:40", "over 0"],
  [
    "phases of two kinds",
    scenario("{ phases: [ { users: 1, duration: 1m }, { rate: 1, duration: 1m } ] }"),
    "3:54",
    "users in this one too",
  ],
  [
    "two phases of one name",
    scenario("{ phases: [ { name: a, users: 1, duration: 1m }, { name: a, users: 1, duration: 1m } ] }"),
    "3:63",
    "taken",
  ],
  [
    "a role of no phase",
    scenario("{ phases: [ { name: level, users: 1, duration: 1m } ], roles: { before: levl } }"),
    "3:78",
    "did you mean `level`?",
  ],
  ["users without measure", scenario("{ users: 1000001, duration: 1m }"), "3:15", "at most 1000000"],
  ["a rate without measure", scenario("{ rate: 1e9, duration: 1m }"), "3:14", "at most 1000000"],
  ["a duration without measure", scenario("{ users: 1, duration: 31d }"), "3:28", "at most 30 days"],
  ["a duration of an age", scenario("{ users: 1, duration: 1e30 }"), "3:28", "at most 30 days"],
  ["arrivals of users", scenario("{ users: 1, duration: 1m, arrivals: even }"), "3:42", "goes with `rate`"],
  ["a spawn rate of arrivals", scenario("{ rate: 1, duration: 1m, spawn_rate: 1 }"), "3:43", "goes with `users`"],
  ["a spawn rate of 0", scenario("{ users: 1, duration: 1m, spawn_rate: 0 }"), "3:44", "over 0"],
  [
    "a think time of two distributions",
    scenario("{ users: 1, duration: 1m, think_time: { exponential: 3s, values: [ 1s ] } }"),
    "3:44",
    "expected one of exponential, gamma, lognormal, values, found exponential and values",
  ],
  [
    "a think time of no distribution",
    scenario("{ users: 1, duration: 1m, think_time: { expotential: 3s } }"),
    "3:46",
    "did you mean `exponential`",
  ],
  [
    "a gamma think time without its mean",
    scenario("{ users: 1, duration: 1m, think_time: { gamma: { shape: 2 } } }"),
    "3:46",
    "`scenarios.s.think_time.gamma.mean` is missing: expected a duration",
  ],
  [
    "think times the wrong way round",
    scenario("{ users: 1, duration: 1m, think_time: 3s..1s }"),
    "3:44",
    "shorter duration first",
  ],
  [
    "an unknown service in a scenario",
    scenario("{ users: 1, duration: 1m, services: [ apj ] }"),
    "3:44",
    "did you mean `api`?",
  ],
  [
    "no service left for the test type",
    scenario("{ users: 1, duration: 1m, test_type: grpc }"),
    "3:6",
    "no service is left",
  ],
  [
    "a criterion that is no sentence",
    scenario("{ users: 1, duration: 1m, criteria: [ p95 under 2s ] }"),
    "3:44",
    "is no criterion",
    "`p95 < 2s`",
  ],
  [
    "a criterion of an unknown endpoint",
    scenario('{ users: 1, duration: 1m, criteria: [ { expect: p95 < 2s, endpoint: "GET /x" } ] }'),
    "3:74",
    "did you mean `GET /`?",
  ],
  [
    "a criterion of an unknown phase",
    scenario("{ users: 1, duration: 1m, criteria: [ { expect: p95 < 2s, phase: laod } ] }"),
    "3:71",
    "did you mean `load`?",
  ],
  [
    "a criterion of an unknown service",
    `${API}\n${S}\ncriteria: [ { expect: p95 < 2s, service: apj } ]`,
    "3:42",
    "did you mean `api`?",
  ],
  ["endpoints whose weights sum to nothing", endpoint("{ path: /, weight: 0 }"), "3:16", "sum to nothing"],
  [
    "services whose weights sum to nothing",
    `services: { rest: { api: { host: h, weight: 0, endpoints: [ { path: / } ] } } }\n${S}`,
    "2:17",
    "sum to nothing",
  ],
  ["a check that is no sentence", endpoint("{ path: /, checks: [ status is fine ] }"), "3:61", "status"],
  ["a template name that nothing fills", endpoint('{ path: "/{{usr.id}}" }'), "3:48", "usr.id"],
  ["a template of a variable that is not set", endpoint('{ path: "/{{env.NONE}}" }'), "3:48", "NONE is not set"],
  ["a file that is not there", endpoint("{ path: /, body_file: gone.json }"), "3:62", "gone.json"],
  [
    "two services of one name",
    `${S}\nservices:\n  rest: { a: { host: h, endpoints: [ { path: / } ] } }\n  grpc: { a: { host: h } }`,
    "4:11",
    "taken by services.rest.a",
  ],
  ["an unknown report format", `${API}\n${S}\nreports: { format: [ htlm ] }`, "3:22", "did you mean `html`?"],
  ["a percentile over 100", `${API}\n${S}\nmetrics: { latency: { percentiles: [ 101 ] } }`, "3:38", "under 100"],
  [
    "a gateway with nothing to call",
    `${S}\nservices:\n  gateway: { host: h, rest_endpoints: [ { path: /, weight: 0 } ] }`,
    "3:12",
    "nothing to call",
  ],
  [
    "a bad body type of a gateway's endpoint",
    `${S}\nservices:\n  gateway: { host: h, rest_endpoints: [ { path: /, method: FETCH } ] }`,
    "3:60",
    "GET",
  ],
];

describe("A broken config is told with its line, its column and what was expected", () => {
  it.each(BROKEN)("%s", async (_what, text, where, ...words) => {
    const problems = await problemsOf(text);
    const said = problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(new RegExp(`^${where} `));
    for (const word of words) expect(said[0]).toContain(word);
  });
});

describe("Words of later versions", () => {
  it.each([
    ["warm_up: auto", scenario("{ users: 1, duration: 1m, warm_up: auto }"), "3:32"],
    [
      "resource_utilization: { prometheus }",
      `${API}\n${S}\nmetrics: { resource_utilization: [ { prometheus: { url: "http://x" } } ] }`,
      "3:36",
    ],
  ])("`%s` is refused by name", async (name, text, where) => {
    const problems = await problemsOf(text);
    expect(problems.map(({ line, column, message }) => `${line}:${column} ${message}`)).toContain(
      `${where} \`${name}\` is not in this version of Tenfold yet`,
    );
    expect(problems.filter(({ message }) => message.includes("unknown key"))).toEqual([]);
  });
});

describe("The message of a broken config", () => {
  it("shows every mistake at once, each with its line and a caret under its column", async () => {
    const { message, problems } = await errorOf(
      `${API}\nscenarios:\n  s: { users: ten, duraton: 1m }\n  t: { users: 0, duration: 1m }`,
      { flags: { scenario: ["s"] } },
    );
    expect(problems).toHaveLength(3);
    expect(message).toBe(
      [
        'load.yaml:3:15: scenarios.s.users: expected a number, or a map, found the text "ten"',
        "  3 |   s: { users: ten, duraton: 1m }",
        "                    ^",
        "",
        `load.yaml:3:20: ${problems[1]!.message}`,
        "  3 |   s: { users: ten, duraton: 1m }",
        "                         ^",
        "",
        "load.yaml:4:15: scenarios.t.users: users is 0 everywhere: nothing would be sent",
        "  4 |   t: { users: 0, duration: 1m }",
        "                    ^",
      ].join("\n"),
    );
  });

  it("names mistakes in what a broken key stands beside", async () => {
    const problems = await problemsOf(
      `${S}\nservices:\n  rest:\n    api:\n      hst: x\n      host: h\n      endpoints: [ { path: "/{{nope}}", checks: [ huh ] } ]`,
    );
    expect(problems.map(({ line }) => line)).toEqual([5, 7, 7]);
  });

  it("does not blame what follows from a key that was refused", async () => {
    expect(await problemsOf(scenario("{ users: many, duration: 1m }"))).toHaveLength(1);
    expect(await problemsOf(scenario("{ usres: 5, duration: 1m }"))).toHaveLength(1);
  });

  it("makes control characters of the file inert", async () => {
    const { message } = await errorOf(`${API}\nscenarios:\n  s: { users: "\u001b[31mred\u009b", duration: 1m }`);
    expect(message).not.toMatch(/[\u001b\u009b]/);
  });

  it("keeps a line break of a variable on one line", async () => {
    const text = `${S}\nservices:\n  rest: { api: { host: h, endpoints: [ { path: /, checks: [ "\${CHECK}" ] } ] } }`;
    const { message } = await errorOf(text, { env: { CHECK: "is\nfine" } });
    expect(message).toContain("is\\nfine");
  });

  it("cuts a long line around the mistake", async () => {
    const [problem] = await problemsOf(scenario(`{ description: ${"long ".repeat(200)}, users: ten, duration: 1m }`));
    expect(problem!.shown!.split("\n")[0]!.length).toBeLessThan(130);
    expect(problem!.shown).toContain("users: ten");
  });
});

describe("YAML that is only odd", () => {
  it("merges anchors, its own keys first", async () => {
    const plan = await load(
      `${API}\nscenarios:\n  a: &a { users: 3, duration: 1m }\n  b: { <<: *a, duration: 2m }\n  c:\n    <<: [ { users: 9 }, *a ]`,
      {
        flags: { scenario: ["a", "b", "c"] },
      },
    );
    expect(plan.scenarios.map(({ duration, flows }) => [duration, flows[0]!.segments[0]!.to])).toEqual([
      [60_000, 3],
      [120_000, 3],
      [60_000, 9],
    ]);
  });

  it("refuses aliases that multiply", async () => {
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x,x]",
      ..."bcdefgh".split("").map((key, i) => `${key}: &${key} [${Array(10).fill(`*${"abcdefg"[i]}`).join(",")}]`),
    ];
    const [problem] = await problemsOf(bomb.join("\n"));
    expect(problem!.message).toContain("aliases");
  });

  it.each(["a: &a [ *a ]", "a: &a\n  <<: *a", "a: &a { b: { <<: *a } }"])(
    "refuses an alias inside its own anchor: %j",
    async (text) => {
      const problems = await problemsOf(text);
      expect(problems.some(({ message }) => message.includes("its own anchor"))).toBe(true);
    },
  );

  it.each(["[".repeat(50_000), "{a: ".repeat(5000), `${"- ".repeat(5000)}x`])(
    "refuses what is nested without end",
    async (text) => {
      expect((await problemsOf(text)).length).toBeGreaterThan(0);
    },
  );
});
