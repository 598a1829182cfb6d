/** Starts worker threads and the process of the stand-ins, from sources (tests) or from dist alike. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

const fromSource = import.meta.url.endsWith(".ts");

/** A file of load_tests by its name without the ending, e.g. `worker`. */
const entry = (name: string): URL => new URL(`../${name}.${fromSource ? "ts" : "js"}`, import.meta.url);

/** Node 20 starts no thread on a .ts file: a small script registers tsx first. */
const throughTsx = (file: URL): string =>
  `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(file.href)}); });`;

export function launchWorker(): Worker {
  const file = entry("worker");
  return fromSource ? new Worker(throughTsx(file), { eval: true }) : new Worker(file);
}

/** A child process with an IPC channel; what it prints goes to our standard error. */
export function launchProcess(name: string): ChildProcess {
  const execArgv = fromSource ? ["--import", "tsx"] : [];
  return fork(fileURLToPath(entry(name)), [], { execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] });
}
