/** Does one hook of a phase: a command of the shell, or a call. It has ten seconds. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Hook, Ms } from "./core/model.ts";

export interface HookEnd {
  /** What it printed or answered, the first of it. */
  readonly output: string;
  /** Why it failed, in half a sentence; null where it did not. */
  readonly failure: string | null;
}

export const HOOK_LIMIT: Ms = 10_000;
const MOST_OUTPUT = 5_000;
/** Time for the rest of the output of a command that has ended. A child that it left behind may hold the pipe for good. */
const LAST_WORDS: Ms = 200;

export const runHook = (hook: Hook, limit: Ms = HOOK_LIMIT): Promise<HookEnd> =>
  "command" in hook ? runCommand(hook, limit) : call(hook, limit);

/** In a group of its own: Ctrl-C at the terminal is not for it, and what it started ends with it at the limit. */
function runCommand({ command, folder }: Extract<Hook, { command: string }>, limit: Ms): Promise<HookEnd> {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, { cwd: folder, shell: true, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const end = (failure: string | null): void => {
      clearTimeout(timer);
      letGo(child);
      resolve({ output, failure });
    };
    const timer = setTimeout(() => {
      killGroup(child);
      end(`it did not end within ${limit / 1000} s`);
    }, limit);
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding("utf8").on("data", (part: string) => {
        output = (output + part).slice(0, MOST_OUTPUT);
      });
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) => {
      const failure = code === 0 ? null : signal === null ? `it ended with exit code ${code}` : `${signal} ended it`;
      const last = setTimeout(() => end(failure), LAST_WORDS);
      child.once("close", () => {
        clearTimeout(last);
        end(failure);
      });
    });
  });
}

/** What a command left running may print on, and keeps nobody waiting. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.removeAllListeners("data").resume();
    (stream as { unref?(): void } | null)?.unref?.();
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It ended by itself just now.
  }
}

async function call({ method, url, headers, json }: Exclude<Hook, { command: string }>, limit: Ms): Promise<HookEnd> {
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const type: Record<string, string> = json === undefined ? {} : { "content-type": "application/json" };
  try {
    const signal = AbortSignal.timeout(limit);
    const response = await fetch(url, { method, headers: { ...type, ...headers }, signal, ...body });
    const output = (await response.text()).slice(0, MOST_OUTPUT);
    return { output, failure: response.ok ? null : `it was answered by ${response.status}` };
  } catch (error) {
    return { output: "", failure: whyOf(error as Error, limit) };
  }
}

function whyOf({ name, message, cause }: Error, limit: Ms): string {
  if (name === "TimeoutError") return `it was not answered within ${limit / 1000} s`;
  return cause instanceof Error && cause.message !== "" ? cause.message : message;
}
