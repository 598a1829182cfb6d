/** What is wrong is said before anything is sent: a sentence, exit 104, and nothing written. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ok, serve } from "./service.ts";
import { emptyFolder, tenfold, writeConfig } from "./tenfold.ts";

const GOOD = `
services: { rest: { api: { host: "http://127.0.0.1:9", endpoints: [ { path: / } ] } } }
scenarios: { s: { users: 1, duration: 2s } }
`;

describe("exit 104, and nothing written", () => {
  test.each<[string, string, string[], RegExp]>([
    ["a missing config", "", ["--config", "nowhere.yaml"], /nowhere\.yaml is not there/],
    ["bad YAML", "services: [", [], /tenfold\.yaml:\d+:\d+/],
    ["an unknown key", GOOD.replace("users: 1", "user: 1"), [], /unknown key `user`.*did you mean `users`/],
    ["an unknown scenario", GOOD, ["--scenario", "t"], /"?t"?/],
    ["an unknown service", GOOD, ["--host", "aip=localhost:1"], /aip[\s\S]*api/],
    ["a wrong type", GOOD.replace("users: 1", "users: many"), [], /many/],
    ["--rate with users", GOOD, ["--rate", "5"], /rate/],
    ["a later flag", GOOD, ["--share", "1/2"], /not in this version/],
    ["a later command", GOOD, ["history"], /not in this version/],
    ["a folder as config", "", ["--config", "."], /\. cannot be read: expected a file/],
    ["a name that is empty", "", ["--config", ""], /an empty name is not there/],
    ["a folder as a body", GOOD.replace("path: /", "path: /, method: POST, body_file: ."), [], /expected a file/],
    ["an unknown flag", GOOD, ["--usrs", "5"], /--users/],
    [
      "embedded services with --no-embedded",
      GOOD.replace("http://127.0.0.1:9", "embedded"),
      ["--no-embedded"],
      /embedded/,
    ],
  ])("%s", async (_, text, args, sentence) => {
    const cwd = emptyFolder();
    const before = text === "" ? [] : ["tenfold.yaml"];
    const config =
      text === "" || args.includes("--config") || args[0] === "history" ? [] : ["--config", writeConfig(cwd, text)];
    const { code, stdout, stderr } = await tenfold([...args, ...config], cwd);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+\)?/);
    expect(stdout).toBe("");
    expect(code).toBe(104);
    expect(readdirSync(cwd)).toEqual(args[0] === "history" ? [] : before);
  });

  test("nothing is sent, not even to the services that are right", async () => {
    const service = await serve(ok);
    const cwd = emptyFolder();
    const config = writeConfig(
      cwd,
      GOOD.replace("http://127.0.0.1:9", service.url).replace("users: 1", "users: 1, colour: red"),
    );
    expect((await tenfold(["--config", config], cwd)).code).toBe(104);
    expect(service.counts.size).toBe(0);
    await service.close();
  });
});

describe("without sending anything", () => {
  test.each([["validate"], ["--dry-run"]])("%s prints the plan", async (...words) => {
    const cwd = emptyFolder();
    const config = writeConfig(cwd, GOOD);
    const args = words[0] === "validate" ? ["validate", config] : ["--config", config, ...words];
    const { code, stdout } = await tenfold(args, cwd);
    expect(code).toBe(0);
    expect(stdout).toMatch(/127\.0\.0\.1:9/);
    expect(stdout).toMatch(/p95 < 2s/);
    expect(readdirSync(cwd)).toEqual(["tenfold.yaml"]);
  });

  test("remarks are said once", async () => {
    const cwd = emptyFolder();
    const { stdout, stderr } = await tenfold(["validate", writeConfig(cwd, GOOD)], cwd);
    expect(`${stdout}${stderr}`.match(/no scenario was named/g)).toHaveLength(1);
  });

  test("flags may stand in a .env file, below the environment", async () => {
    const cwd = emptyFolder();
    const config = writeConfig(cwd, GOOD);
    writeFileSync(join(cwd, ".env"), `TENFOLD_USERS=17\nTENFOLD_CONFIG=${config}\nTENFOLD_SEED=5\n`);
    const { code, stdout } = await tenfold(["validate"], cwd, { TENFOLD_SEED: "6" });
    expect(code).toBe(0);
    expect(stdout).toMatch(/up to 17 users/);
    expect(stdout).toMatch(/seed 6/);
  });

  test("--list names the scenarios that ship", async () => {
    const { code, stdout } = await tenfold(["--list"], emptyFolder());
    expect(code).toBe(0);
    for (const name of ["smoke", "baseline", "target", "ramp_up", "spike", "sustained"]) expect(stdout).toContain(name);
  });
});
