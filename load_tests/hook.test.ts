import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Hook } from "./core/model.ts";
import { serve } from "./e2e/service.ts";
import { runHook } from "./hook.ts";
import { phaseHooks } from "./phase_hooks.ts";

const folder = mkdtempSync(join(tmpdir(), "tenfold-hook-"));
const command = (text: string): Hook => ({ command: text, folder });

describe("a hook that is a command", () => {
  test("runs in its folder, and what it prints on both outputs is told", async () => {
    const { output, failure } = await runHook(command("pwd; echo trouble >&2; touch done"));
    expect(failure).toBeNull();
    expect(output).toContain(folder);
    expect(output).toContain("trouble");
    expect(existsSync(join(folder, "done"))).toBe(true);
  });

  test.each([
    ["exit 3", "it ended with exit code 3"],
    ["kill -9 $$", "SIGKILL ended it"],
    ["no-such-command-here", "it ended with exit code 127"],
  ])("fails by `%s`: %s", async (text, failure) => {
    expect((await runHook(command(text))).failure).toBe(failure);
  });

  test("is killed at its limit with all that it started", async () => {
    const late = join(folder, "late");
    const { failure } = await runHook(command(`(sleep 1; touch ${late}) & echo waiting; wait`), 200);
    expect(failure).toBe("it did not end within 0.2 s");
    await new Promise((resolve) => setTimeout(resolve, 1200));
    expect(existsSync(late)).toBe(false);
  });

  test("does not wait for what it leaves running", async () => {
    expect(await runHook(command("sleep 20 & echo $!"), 15_000)).toMatchObject({ failure: null });
  });

  test("that prints without end is told in part", async () => {
    expect((await runHook(command("yes | head -c 1000000"))).output).toHaveLength(5000);
  });
});

describe("a hook that is a call", () => {
  test("sends its JSON, and tells the answer", async () => {
    const service = await serve(async (request, response) => {
      let body = "";
      for await (const part of request) body += part;
      response.end(`${request.method} ${request.headers["content-type"]} ${request.headers["x-key"]} ${body}`);
    });
    onTestFinished(() => service.close());
    const hook = { method: "POST", url: `${service.url}/faults`, headers: { "x-key": "k" }, json: { error_rate: 1 } };
    expect(await runHook(hook)).toEqual({
      output: 'POST application/json k {"error_rate":1}',
      failure: null,
    });
  });

  test("fails by a status of 400 or more, by no answer, and where nobody listens", async () => {
    const service = await serve(({ url }, response) => {
      if (url === "/broken") response.writeHead(500).end("why");
    });
    onTestFinished(() => service.close());
    const at = (path: string): Hook => ({ method: "GET", url: service.url + path, headers: {} });
    expect(await runHook(at("/broken"))).toEqual({ output: "why", failure: "it was answered by 500" });
    expect((await runHook(at("/hangs"), 100)).failure).toBe("it was not answered within 0.1 s");
    await service.close();
    expect((await runHook(at("/"))).failure).toMatch(/ECONNREFUSED|closed/);
  });
});

/** Two phases of 10 ms each, and what was done of their hooks. */
function twoPhases(run: (name: string) => Promise<string | null>) {
  const done: string[] = [];
  const failures: string[] = [];
  const phase = (name: string, start: number) => ({
    ...{ name, start, duration: 10, measured: true },
    ...{ onEnter: command(`enter ${name}`), onExit: command(`exit ${name}`) },
  });
  const hooks = phaseHooks([phase("a", 0), phase("b", 10)], {
    log: () => {},
    failed: (sentence) => failures.push(sentence),
    run: async (hook) => {
      const name = (hook as { command: string }).command;
      done.push(name);
      return { output: "", failure: await run(name) };
    },
  });
  return { hooks, done, failures };
}

describe("the hooks of phases", () => {
  test("are done in order, each once, the leaving before the entering", async () => {
    const ran = twoPhases(async () => null);
    await new Promise<void>((resolve) => {
      const { hooks, done } = ran;
      hooks.start(0);
      const poll = setInterval(() => {
        if (done.length < 4) return;
        clearInterval(poll);
        resolve();
      }, 5);
    });
    await ran.hooks.finish();
    await ran.hooks.finish();
    expect(ran.done).toEqual(["enter a", "exit a", "enter b", "exit b"]);
  });

  test("leave what was entered where the run ends in it, once it has been entered, and enter nothing more", async () => {
    let entered: () => void = () => {};
    const { hooks, done } = twoPhases((name) =>
      name === "enter a" ? new Promise((resolve) => (entered = () => resolve(null))) : Promise.resolve(null),
    );
    hooks.start(0);
    while (done.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const finished = hooks.finish();
    expect(done).toEqual(["enter a"]);
    entered();
    await finished;
    expect(done).toEqual(["enter a", "exit a"]);
  });

  test("are left also where entering failed, which is told with its phase", async () => {
    const { hooks, done, failures } = twoPhases(async (name) => (name === "enter a" ? "it broke" : null));
    hooks.start(0);
    while (done.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    await hooks.finish();
    expect(done).toEqual(["enter a", "exit a"]);
    expect(failures).toEqual(["phase a, on_enter: enter a failed: it broke"]);
  });

  test("are none of a phase that was never reached", async () => {
    const { hooks, done } = twoPhases(async () => null);
    hooks.start(-1000);
    await hooks.finish();
    expect(done).toEqual([]);
  });
});
