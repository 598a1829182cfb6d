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

/** A thread of an entry beside this folder; it finds `data` as its `workerData`. */
export function launchThread(name: string, data?: unknown): Worker {
  const file = entry(name);
  const options = { workerData: data };
  return fromSource ? new Worker(throughTsx(file), { eval: true, ...options }) : new Worker(file, options);
}

export const launchWorker = (): Worker => launchThread("worker");

/** A child process with an IPC channel; what it prints goes to our standard error. */
export function launchProcess(name: string): ChildProcess {
  const execArgv = fromSource ? ["--import", "tsx"] : [];
  return fork(fileURLToPath(entry(name)), [], { execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] });
}
