import { describe, expect, test } from "vitest";
import { type RunFlags, readArguments } from "./arguments.ts";
import { strayVariables } from "./environment_flags.ts";

const read = (words: string, env: Record<string, string> = {}) => readArguments(words.split(" ").filter(Boolean), env);
const flags = (words: string, env: Record<string, string> = {}) => {
  const invocation = read(words, env);
  if (!("flags" in invocation))
    throw new Error(`${invocation.command}: ${"text" in invocation ? invocation.text : ""}`);
  return invocation.flags as RunFlags;
};

describe("the command line", () => {
  test.each([
    ["--scenario baseline,target", { scenario: ["baseline", "target"] }],
    ["-u 50 -r 2.5 -d 1m30s", { users: 50, spawnRate: 2.5, duration: 90_000 }],
    ["-t 30", { duration: 30_000 }],
    ["--rate 200 --seed 7", { rate: 200, seed: 7 }],
    ["--host stt=localhost:50052 --host tts=a:1", { host: ["stt=localhost:50052", "tts=a:1"] }],
    ["-H http://localhost:8080", { host: ["http://localhost:8080"] }],
    ["--set scenarios.target.users=5 --set a=b=c", { set: ["scenarios.target.users=5", "a=b=c"] }],
    ["--baseline latest --headless --only-summary", { baseline: "latest", headless: true, onlySummary: true }],
    ["--html a.html --json - --csv out/run", { html: "a.html", json: "-", csv: "out/run" }],
    ["--format html,json", { format: ["html", "json"] }],
    [
      "--no-embedded --quiet --no-color --dry-run --list",
      { embedded: false, quiet: true, color: false, dryRun: true, list: true },
    ],
  ])("%s is understood", (words, expected) => {
    expect(flags(words)).toMatchObject(expected);
    expect(flags(`run ${words}`)).toMatchObject(expected);
  });

  test("report takes a result, and compare runs on both sides", () => {
    expect(read("report reports/s/latest --compare b.json --json -")).toMatchObject({
      command: "report",
      result: "reports/s/latest",
      flags: { compare: "b.json", json: "-" },
    });
    expect(read("compare a b --with c d --output-dir out")).toMatchObject({
      command: "compare",
      baseline: ["a", "b"],
      flags: { with: ["c", "d"], outputDir: "out" },
    });
  });

  test("validate takes a file", () => {
    expect(read("validate a.yaml")).toMatchObject({ command: "validate", file: "a.yaml" });
  });

  test("a variable of a flag without a value is off where it says so", () => {
    for (const no of ["0", "false", "no", "off"]) expect(flags("", { TENFOLD_QUIET: no }).quiet).toBeUndefined();
    expect(flags("", { TENFOLD_QUIET: "1" }).quiet).toBe(true);
  });

  test.each([
    [{ TENFOLD_USERS: "abc" }, 'TENFOLD_USERS: "abc" is no value of it. Expected a whole number.'],
    [{ TENFOLD_DURATION: "soon" }, 'TENFOLD_DURATION: "soon" is no value of it. Expected a duration such as'],
    [{ TENFOLD_TEST_TYPE: "soap" }, 'TENFOLD_TEST_TYPE: "soap" is no value of it. Allowed choices are grpc'],
  ])("a wrong value of a variable is told by the variable's name: %j", (env, sentence) => {
    expect(read("", env)).toMatchObject({ command: "wrong", text: expect.stringContaining(sentence) });
    expect(read("validate", env).command).toBe("wrong");
    expect(read("targets", env).command).toBe("targets");
  });

  test("variables that name no flag are told, with the nearest that does", () => {
    const env = { TENFOLD_USRS: "5", TENFOLD_USERS: "5", TENFOLDING: "1", PATH: "/" };
    expect(strayVariables(env)).toEqual(["TENFOLD_USRS names no flag and is not heeded; did you mean TENFOLD_USERS?"]);
  });

  test("a file to validate beside --config is one too many; beside the variable it wins", () => {
    expect(read("validate a.yaml --config b.yaml").command).toBe("wrong");
    expect(read("validate a.yaml", { TENFOLD_CONFIG: "b.yaml" })).toMatchObject({
      command: "validate",
      file: "a.yaml",
    });
  });

  test("TENFOLD_<FLAG> stands for a flag, and the flag beats it", () => {
    const env = { TENFOLD_SCENARIO: "spike", TENFOLD_USERS: "9", TENFOLD_NO_EMBEDDED: "1", TENFOLD_HOST: "a=b:1" };
    expect(flags("", env)).toMatchObject({ scenario: ["spike"], users: 9, embedded: false, host: ["a=b:1"] });
    expect(flags("--users 3", env).users).toBe(3);
    expect(flags("run -u 3", env)).toMatchObject({ users: 3, scenario: ["spike"] });
  });

  test.each([
    ["--users many", /users.*whole number/i],
    ["--duration soon", /duration such as 500ms/],
    ["--rate -1", /number/],
    ["--scenaro x", /Did you mean --scenario/],
    ["--test-type soap", /grpc, rest, websocket, all/],
    ["bogus", /bogus/],
    ["--workers 0", /whole number from 1 to 256/],
    ["--workers 2.5", /whole number from 1 to 256/],
    ["--share 1/2", /not in this version/],
    ["merge a b", /not in this version/],
    ["compare a", /required option.*--with/],
    ["report", /missing required argument/],
    ["serve", /not in this version/],
  ])("%s is refused in a sentence", (words, sentence) => {
    const invocation = read(words);
    expect(invocation.command).toBe("wrong");
    expect("text" in invocation && invocation.text).toMatch(sentence);
  });

  test("help names what is there, and leaves out what is not yet", () => {
    const help = read("run --help");
    expect(help).toMatchObject({ command: "said" });
    const text = "text" in help ? help.text : "";
    expect(text).toContain("--scenario");
    expect(text).not.toMatch(/--share|--ui/);
  });
});
