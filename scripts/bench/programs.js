/** Other programs: where they are, started on cores of their own, and ended with all that they started. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "..", "..");
export const peers = join(root, ".peers");
/** Configs, logs and counters of this bench; gone when it ends. */
export const folder = mkdtempSync(join(tmpdir(), "tenfold-bench-"));

const groups = new Set();

/** Ends a program and all of its children at once. */
export function end(child) {
  groups.delete(child);
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

process.on("exit", () => {
  for (const child of groups) end(child);
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

/** The path of a program of .peers or of the system; null where it is not installed. */
export function find(name) {
  const folders = [join(peers, "bin"), ...process.env.PATH.split(delimiter), "/usr/sbin"];
  return folders.map((each) => join(each, name)).find(existsSync) ?? null;
}

let logs = 0;

/** Starts a program on `cores` in a group of its own; `said()` is the end of what it printed. With the bench it dies by `onDeath`. */
export function launch(command, { cores, env = {}, onDeath = "KILL" }) {
  const log = join(folder, `log${logs++}`);
  const out = openSync(log, "w");
  const argv = ["--pdeathsig", onDeath, "taskset", "-c", String(cores), ...command];
  const options = { detached: true, env: { ...process.env, ...env }, stdio: ["ignore", out, out] };
  const child = spawn("setpriv", argv, options);
  groups.add(child);
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const output = () => readFileSync(log, "utf8");
  return {
    child,
    pid: child.pid,
    exited,
    output,
    said: () => output().trim().split("\n").slice(-3).join(" | ").slice(-400),
  };
}

/** The number in what a program prints as its version; null where it says none. */
export function versionOf(path, argument) {
  const { stdout, stderr } = spawnSync(path, [argument], { encoding: "utf8", timeout: 10_000 });
  return `${stdout}${stderr}`.match(/\d+\.\d+(\.\d+)?/)?.[0] ?? null;
}
