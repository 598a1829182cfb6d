import { describe, expect, test } from "vitest";
import type { Live } from "./reports/progress.ts";
import { makeTerminal, terminalFor } from "./terminal.ts";
import type { World } from "./world.ts";

const LIVE: Live = {
  phase: "load",
  elapsed: 5000,
  duration: 15_000,
  users: 20,
  rps: 50,
  p95: 12,
  failures: 0,
  requests: 250,
  phases: [{ name: "load", start: 0, duration: 15_000, measured: true }],
};

function screen({ columns = 80, redraws = true } = {}) {
  let text = "";
  const output = { isTTY: true, columns, write: (part: string) => (text += part) };
  const setup = { stdout: output, stderr: output, color: true, quiet: false, progress: true, redraws };
  const terminal = makeTerminal(setup);
  return {
    terminal,
    resize: (width: number) => {
      output.columns = width;
    },
    /** What was written since the last look. */
    written: () => {
      const part = text;
      text = "";
      return part;
    },
  };
}

/** Rows that the text goes up before it erases. */
const rowsUp = (text: string) => Number(/\u001b\[(\d+)A\u001b\[0J/.exec(text)?.[1] ?? 0);

describe("the live frame", () => {
  test("is drawn over the one before", () => {
    const { terminal, written } = screen();
    terminal.progress(LIVE);
    expect(rowsUp(written())).toBe(0);
    terminal.progress(LIVE);
    expect(rowsUp(written())).toBe(3);
  });

  test("is taken away whole where the window has become narrower and wrapped it", () => {
    const { terminal, written, resize } = screen({ columns: 80 });
    terminal.progress(LIVE);
    const frame = written().replace(/\u001b\[\d+m/g, "");
    const wrapped = frame
      .trimEnd()
      .split("\n")
      .reduce((rows, line) => rows + Math.ceil(line.length / 30), 0);
    resize(30);
    terminal.progress(LIVE);
    expect(rowsUp(written())).toBe(wrapped);
    expect(wrapped).toBeGreaterThan(3);
  });

  test("makes room for lines of the log, and is taken away at the end", () => {
    const { terminal, written } = screen();
    terminal.progress(LIVE);
    written();
    terminal.log("a line");
    expect(written()).toMatch(/\[3A\u001b\[0Ja line\n$/);
    terminal.progress(LIVE);
    written();
    terminal.clear();
    expect(rowsUp(written())).toBe(3);
  });

  test("is plain lines where the terminal cannot take lines back", () => {
    const { terminal, written } = screen({ redraws: false });
    terminal.progress(LIVE);
    expect(written()).toMatch(/^00:05 [^\u001b]*\n$/);
  });
});

test("what is printed at the end fits the window as it is then", () => {
  const { terminal, resize } = screen({ columns: 120 });
  expect(terminal.width).toBe(120);
  resize(60);
  expect(terminal.width).toBe(60);
});

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
