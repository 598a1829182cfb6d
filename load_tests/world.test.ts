import { describe, expect, test } from "vitest";
import { terminalFor, type World } from "./world.ts";

const output = (isTTY: boolean) => ({ isTTY, write: () => true });

const colored = (env: Record<string, string>, { tty = false, color = true, json = "" } = {}) => {
  const world = { stdout: output(tty), stderr: output(tty), env } as unknown as World;
  return terminalFor(world, { color, ...(json === "" ? {} : { json }) }).color;
};

describe("colours", () => {
  test.each<[string, Record<string, string>, object, boolean]>([
    ["are there in a terminal", {}, { tty: true }, true],
    ["are not in a file, a pipe or a CI log", {}, {}, false],
    ["are not in a CI log that is no terminal", { CI: "true" }, {}, false],
    ["are in a CI log where FORCE_COLOR asks for them", { CI: "true", FORCE_COLOR: "1" }, {}, true],
    ["are not where FORCE_COLOR is 0", { FORCE_COLOR: "0" }, { tty: true }, false],
    [
      "are not where NO_COLOR is set, even if FORCE_COLOR is",
      { NO_COLOR: "1", FORCE_COLOR: "1" },
      { tty: true },
      false,
    ],
    ["are there where NO_COLOR is empty", { NO_COLOR: "" }, { tty: true }, true],
    ["are not with --no-color", { FORCE_COLOR: "1" }, { tty: true, color: false }, false],
    ["are not in a terminal that is dumb", { TERM: "dumb" }, { tty: true }, false],
  ])("%s", (_, env, look, expected) => {
    expect(colored(env, look)).toBe(expected);
  });
});
