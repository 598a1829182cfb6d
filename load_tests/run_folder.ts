/** The folder of a run: `<output>/<scenario>/<YYYYMMDD_HHMMSS>/`, of its own also where two start in the same second. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ReportFile } from "./core/plugin.ts";

export interface RunFolder {
  readonly path: string;
  /** The last part of the path, which file names carry. */
  readonly stamp: string;
}

const two = (n: number): string => String(n).padStart(2, "0");

const stampOf = (at: Date): string =>
  `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}_${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;

/** Makes a new folder. Throws what the file system says. */
export function makeRunFolder(outputDir: string, scenario: string, at: Date): RunFolder {
  const parent = join(outputDir, scenario);
  mkdirSync(parent, { recursive: true });
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

export function writeReports(folder: RunFolder, files: readonly ReportFile[]): void {
  for (const { path, content } of files) {
    const target = join(folder.path, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
}
