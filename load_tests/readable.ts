/** Files that people name: a folder, or one that may not be read, is told and never a crash. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";

/** Whether this is a file, or a folder where one is asked for, and may be read. */
export function isReadable(path: string, kind: "file" | "folder" = "file"): boolean {
  try {
    accessSync(path, constants.R_OK);
    const found = statSync(path);
    return kind === "file" ? found.isFile() : found.isDirectory();
  } catch {
    return false;
  }
}

/** Its text; null where it is none that can be read. */
export const readText = (path: string): string | null => (isReadable(path) ? readFileSync(path, "utf8") : null);

/** The environment, and below it the variables of a `.env` file in the working directory. */
export const withDotEnv = (env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> => ({
  ...parseEnv(readText(".env") ?? ""),
  ...env,
});
