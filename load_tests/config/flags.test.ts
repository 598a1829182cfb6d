import { describe, expect, it } from "vitest";
import { peakUsers } from "../core/schedule.ts";
import { API, load, problemsOf } from "./fixtures_plan.ts";
import type { Flags } from "./load.ts";

const FILE = `services:
  grpc: { stt: { host: embedded }, tts: { host: embedded } }
  rest: { api: { host: "http://api", endpoints: [ { path: / } ] } }
scenarios:
  plain: { users: 100, spawn_rate: 10, duration: 10m }
  open: { rate: 50, duration: 1m }
  phased:
    phases: [ { name: level, users: 50, duration: 60s }, { name: surge, users: { to: 500 }, duration: 30s }, { name: recovery, users: 5, duration: 90s } ]
  open_phased: { phases: [ { rate: 10, duration: 1m }, { rate: { from: 10, to: 40 }, duration: 1m } ] }`;

const run = async (scenario: string, flags: Flags = {}) =>
  (await load(FILE, { flags: { scenario: [scenario], ...flags } })).scenarios[0]!;
const refused = async (scenario: string, flags: Flags) =>
  (await problemsOf(FILE, { flags: { scenario: [scenario], ...flags } })).map(
    ({ file, message }) => `${file}: ${message}`,
  );
const levels = ({ flows }: Awaited<ReturnType<typeof run>>) => flows[0]!.segments.map(({ from, to }) => [from, to]);

describe("Flags of the load", () => {
  it("--users, --spawn-rate and --duration take the place of the file's", async () => {
    const scenario = await run("plain", { users: 20, spawnRate: 5, duration: 8000 });
    expect(scenario.flows[0]!.segments).toEqual([
      { start: 0, duration: 4000, from: 0, to: 20 },
      { start: 4000, duration: 4000, from: 20, to: 20 },
    ]);
  });

  it("--users scales all levels of phases so that the peak is as told, and loses none", async () => {
    expect(levels(await run("phased", { users: 50 }))).toEqual([
      [5, 5],
      [5, 50],
      [1, 1],
    ]);
  });

  it("--duration scales all durations of phases", async () => {
    const { phases, duration } = await run("phased", { duration: 18_000 });
    expect(phases.map((phase) => phase.duration)).toEqual([6000, 3000, 9000]);
    expect(duration).toBe(18_000);
  });

  it("--spawn-rate reaches every flat level of phases", async () => {
    expect(levels(await run("phased", { spawnRate: 5 }))[0]).toEqual([0, 50]);
  });

  it("--rate takes the place of a rate, and scales those of phases", async () => {
    expect(levels(await run("open", { rate: 7 }))).toEqual([[7, 7]]);
    expect(levels(await run("open_phased", { rate: 80 }))).toEqual([
      [20, 20],
      [20, 80],
    ]);
  });

  it("--seed is taken", async () => {
    expect((await run("plain", { seed: 42 })).seed).toBe(42);
  });

  it("--duration gives an end to a scenario without one", async () => {
    const text = `${API}\nscenarios: { s: { users: 1 } }`;
    expect((await load(text, { flags: { duration: 5000 } })).scenarios[0]!.duration).toBe(5000);
  });

  it.each<[string, string, Flags, string]>([
    ["--rate with users", "plain", { rate: 5 }, "--rate: scenarios.plain: this scenario brings users"],
    ["--rate with phases of users", "phased", { rate: 5 }, "--rate: scenarios.phased: this scenario brings users"],
    ["--users with arrivals", "open", { users: 5 }, "--users: scenarios.open: this scenario brings arrivals"],
    [
      "--spawn-rate with arrivals",
      "open_phased",
      { spawnRate: 5 },
      "--spawn-rate: scenarios.open_phased: this scenario brings arrivals",
    ],
    ["--rate beside --users", "open", { rate: 5, users: 5 }, "--rate: `--rate` brings arrivals and"],
    ["--users 0", "plain", { users: 0 }, "--users: expected a number over 0, found the number 0"],
    ["--users of a half", "plain", { users: 1.5 }, "--users: expected a whole number"],
    ["--duration 0", "phased", { duration: 0 }, "--duration: scenarios.phased: phases have an end"],
    ["--seed of a half", "plain", { seed: 0.5 }, "--seed: expected a whole number"],
    [
      "an unknown format",
      "plain",
      { format: ["htlm"] },
      "--format htlm: no format is named `htlm`: expected one of html, json, csv, png, junit, markdown, function-metadata; did you mean `html`?",
    ],
    [
      "an unknown scenario",
      "plian",
      {},
      "--scenario: no scenario is named `plian`: expected one of plain, open, phased, open_phased; did you mean `plain`?",
    ],
    [
      "a test type without services",
      "plain",
      { testType: "websocket" },
      "--test-type websocket: scenarios.plain: no service is left of test type websocket",
    ],
  ])("%s is refused", async (_what, scenario, flags, said) => {
    expect((await refused(scenario, flags)).join("\n")).toContain(said);
  });
});

describe("The scenario that runs", () => {
  const names = async (scenarios: string, flags: Flags = {}) => {
    const plan = await load(`${API}\n${scenarios}`, { flags });
    return [plan.scenarios.map(({ name }) => name), plan.remarks];
  };
  const TWO = "scenarios: { baseline: { users: 1, duration: 1m }, ramp_up: { users: 2, duration: 1m } }";

  it("is each that is named, in order", async () => {
    expect(await names(TWO, { scenario: ["ramp_up", "baseline"] })).toEqual([["ramp_up", "baseline"], []]);
  });
  it("is ramp_up for ramp", async () => {
    expect((await names(TWO, { scenario: ["ramp"] }))[0]).toEqual(["ramp_up"]);
  });
  it("is else the default one, else the only one, else baseline, said aloud", async () => {
    expect(await names(`${TWO}\ndefault_scenario: ramp_up`)).toEqual([
      ["ramp_up"],
      ["no scenario was named: running ramp_up, the file's default_scenario"],
    ]);
    expect(await names("scenarios: { one: { users: 1, duration: 1m } }")).toEqual([
      ["one"],
      ["no scenario was named: running one, the only one of the file"],
    ]);
    expect(await names(TWO)).toEqual([["baseline"], ["no scenario was named: running baseline, the default"]]);
  });
  it("must be named where none of these is there", async () => {
    const problems = await problemsOf(
      `${API}\nscenarios: { a: { users: 1, duration: 1m }, b: { users: 1, duration: 1m } }`,
    );
    expect(problems).toEqual([{ file: "--scenario", message: "name a scenario: expected one of a, b" }]);
  });
});

describe("--host", () => {
  it("gives a service its address, and leaves out embedded others with a remark", async () => {
    const plan = await load(FILE, { flags: { scenario: ["plain"], host: ["stt=localhost:50052"] } });
    expect(plan.scenarios[0]!.services.map(({ name, host, embedded }) => [name, host, embedded])).toEqual([
      ["stt", "localhost:50052", false],
      ["api", "http://api", false],
    ]);
    expect(plan.remarks).toEqual(["left out: tts, as it is embedded and --host names other services"]);
  });
  it("takes an address alone where there is one service", async () => {
    const plan = await load(`${API}\nscenarios: { s: { users: 1, duration: 1m } }`, {
      flags: { host: ["http://there/?a=b"] },
    });
    expect(plan.scenarios[0]!.services[0]!.host).toBe("http://there/?a=b");
  });
  it("reaches both parts of a gateway", async () => {
    const text = `services: { gateway: { host: embedded, rest_endpoints: [ { path: /health } ], websocket: { path: /ws } } }\nscenarios: { s: { users: 1, duration: 1m } }`;
    const plan = await load(text, { flags: { host: ["gateway=http://g:1"] } });
    expect(plan.scenarios[0]!.services.map(({ host }) => host)).toEqual(["http://g:1", "http://g:1"]);
  });
  it.each([
    ["sst=h:1", "--host sst=h:1: no service is named `sst`: expected one of stt, tts, api; did you mean `stt`?"],
    ["h:1", "--host h:1: expected SERVICE=ADDRESS, as there are several services: stt, tts, api"],
    ["stt=", "--host stt=: expected an address behind the `=`, such as localhost:50052"],
  ])("%s is refused", async (host, said) => {
    expect(await refused("plain", { host: [host] })).toEqual([said]);
  });
  it("--no-embedded refuses each stand-in that is left", async () => {
    expect(await refused("plain", { embedded: false })).toEqual(
      ["stt", "tts"].map(
        (name) => `--no-embedded: the service \`${name}\` is embedded: give it an address by --host ${name}=ADDRESS`,
      ),
    );
    expect((await run("plain", { embedded: false, host: ["stt=a:1", "tts=b:1"] })).services).toHaveLength(3);
  });
});

describe("--set", () => {
  const set = (...sets: string[]) => run("plain", { set: sets });
  it("changes a value at a path, read as YAML reads it", async () => {
    expect(peakUsers((await set("scenarios.plain.users=7")).flows[0]!.segments)).toBe(7);
    expect((await set("scenarios.plain.duration=2m")).duration).toBe(120_000);
    expect((await set("defaults.seed=9")).seed).toBe(9);
    expect((await set("services.grpc.stt.weight=0.5")).services[0]!.weight).toBe(0.5);
    expect((await set("services.rest.api.endpoints.0.name=home")).services[2]!.endpoints[0]!.name).toBe("home");
    expect((await set("services.rest.api.headers.X-Count=12")).services[2]!.settings).toMatchObject({
      headers: { "X-Count": "12" },
    });
    expect((await set("services.grpc.tts.enabled=false")).services.map(({ name }) => name)).toEqual(["stt", "api"]);
  });
  it.each([
    ["scenarios.plain.usres=7", "unknown key `usres` in scenarios.plain"],
    [
      "scenarios.plian.users=7",
      "no `plian` in `scenarios`: expected one of plain, open, phased, open_phased; did you mean `plain`?",
    ],
    ["services.grpc.sst.weight=7", "no `sst` in `services.grpc`: expected one of stt, tts; did you mean `stt`?"],
    ["scenaros.plain.users=7", "unknown key `scenaros` in the file"],
    ["scenarios.plain.users.from=7", "`scenarios.plain.users` is the number 100: nothing stands below it"],
    [
      "services.rest.api.endpoints.4.path=/",
      "`services.rest.api.endpoints` is a list of 1: expected a position from 0, found `4`",
    ],
    ["scenarios.plain.users=many", "scenarios.plain.users: expected a number"],
    ["scenarios.plain.capacity=x", "`capacity` is not in this version of Tenfold yet"],
    ["users", "expected path.to.key=value"],
    ["scenarios.__proto__.users=1", "no `__proto__`"],
  ])("%s is refused by its own name", async (written, said) => {
    const [problem] = await refused("plain", { set: [written] });
    expect(problem).toContain(`--set ${written}: `);
    expect(problem).toContain(said);
  });
});
