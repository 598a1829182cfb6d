/** The folder of a run: `<output>/<scenario>/<YYYYMMDD_HHMMSS>/`, of its own also where two start in the same second. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { partsOf, type ReportFile } from "./core/plugin.ts";
import { makeFolder } from "./make_folder.ts";

export interface RunFolder {
  readonly path: string;
  /** The last part of the path, which file names carry. */
  readonly stamp: string;
}

/** The text file beside the folders of a scenario's runs that names the newest. */
export const LATEST = "latest";

const two = (n: number): string => String(n).padStart(2, "0");

export const stampOf = (at: Date): string =>
  `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}_${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;

export const isStamp = (name: string): boolean => /^\d{8}_\d{6}(_\d+)?$/.test(name);

/** Makes a new folder. Throws what the file system says. */
export function makeRunFolder(outputDir: string, scenario: string, at: Date): RunFolder {
  const parent = join(outputDir, scenario);
  makeFolder(parent);
  for (let attempt = 1; ; attempt++) {
    const stamp = attempt === 1 ? stampOf(at) : `${stampOf(at)}_${attempt}`;
    try {
      mkdirSync(join(parent, stamp));
      return { path: join(parent, stamp), stamp };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt >= 1000) throw error;
    }
  }
}

/** Writes into what is there. */
export function writeParts(path: string, content: ReportFile["content"]): void {
  const file = openSync(path, "w");
  try {
    for (const part of partsOf({ content })) writeFileSync(file, part);
  } finally {
    closeSync(file);
  }
}

/** Puts a file in place whole: who reads it meanwhile sees the one before, or none. */
export function putFile(path: string, content: ReportFile["content"]): void {
  makeFolder(dirname(path));
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    writeParts(draft, content);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

export function writeReports(folder: string, files: readonly ReportFile[]): void {
  for (const { path, content } of files) putFile(join(folder, path), content);
}

/** Names a run as the newest of its scenario. */
export const nameLatest = ({ path, stamp }: RunFolder): void => putFile(join(dirname(path), LATEST), `${stamp}\n`);
