/** Runs Tenfold as a user does: the built command in a process of its own, in an empty working directory. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Document } from "../reports/document.ts";

export const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  /** Resolves when standard output or error has matched. */
  seen(pattern: RegExp): Promise<void>;
  readonly ended: Promise<Ended>;
}

export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), "tenfold-e2e-"));

/** Starts `tenfold ...args` in `cwd`; variables of the older tools and of CI are kept out. */
export function start(args: readonly string[], cwd: string, env: Record<string, string> = {}): Started {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  const waiting: { pattern: RegExp; resolve: () => void }[] = [];
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (part: string) => {
      text[name] += part;
      for (const { pattern, resolve } of waiting) if (pattern.test(text.stdout + text.stderr)) resolve();
    });
  }
  return {
    child,
    seen: (pattern) => new Promise((resolve) => waiting.push({ pattern, resolve })),
    ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, ...text }))),
  };
}

export const tenfold = (args: readonly string[], cwd: string, env?: Record<string, string>): Promise<Ended> =>
  start(args, cwd, env).ended;

/** A config of one REST service at `host` and one scenario `s`, which the text spells out. */
export function writeConfig(cwd: string, text: string): string {
  const path = join(cwd, "tenfold.yaml");
  writeFileSync(path, text);
  return path;
}

/** The only run below `cwd/reports/<scenario>`. */
export function runFolder(cwd: string, scenario: string): string {
  const parent = join(cwd, "reports", scenario);
  const runs = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  if (runs.length !== 1) throw new Error(`expected one run in ${parent}, found ${runs.length}`);
  return join(parent, runs[0]!.name);
}

/** The JSON report of a run's folder. */
export function jsonReport(folder: string): Document {
  const file = readdirSync(folder).find((name) => /^load_report_.*\.json$/.test(name));
  if (file === undefined) throw new Error(`no JSON report in ${folder}`);
  return JSON.parse(readFileSync(join(folder, file), "utf8"));
}
