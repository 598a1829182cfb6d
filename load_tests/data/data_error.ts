/** What is wrong with a data file: where in it, and what was expected. */
import { basename } from "node:path";
import { bounded, terminal } from "../core/escape.ts";

export class DataError extends Error {
  override readonly name = "DataError";
}

/** Makes the errors of one file; `line` counts from 1. */
export type Problem = (line: number | null, message: string) => DataError;

export const problemsOf =
  (file: string): Problem =>
  (line, message) =>
    new DataError(`${terminal(basename(file))}${line === null ? "" : `:${line}`}: ${message}`);

const SHOWN = 60;

/** Text from a file, as messages show it. */
export const shown = (text: string): string => terminal(JSON.stringify(bounded(text, SHOWN)));
