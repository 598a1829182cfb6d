/** Where readings come from, and the little that all such places share. */
import { readFileSync } from "node:fs";
import type { Reading } from "../core/resource.ts";

/** One place that is read each second. It keeps what it needs to tell a rate. */
export interface Source {
  /** What is known of the `seconds` since it was read before; nothing where it cannot be had. */
  read(seconds: number): readonly Reading[];
  close?(): void;
}

/** Tells the reader of the report, once, why something is not measured. */
export type Tell = (text: string) => void;

export const MEGABYTE = 1024 * 1024;

/** A file of the system as text; null where there is none, or no right to read it. */
export function systemFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Numbers of the fields `name value` of a file, one a line. */
export const fieldsOf = (text: string): ReadonlyMap<string, number> =>
  new Map([...text.matchAll(/^(\S+?):?\s+(\d+)/gm)].map(([, name, value]) => [name!, Number(value)] as const));

/** How much a counter grew since it was asked before; null the first time, and where it began anew. */
export function growth(): (now: number | undefined) => number | null {
  let before: number | undefined;
  return (now) => {
    const grown = now === undefined || before === undefined ? null : now - before;
    before = now;
    return grown === null || grown < 0 ? null : grown;
  };
}

/** The readings that there are. */
export const present = (readings: readonly (Reading | null)[]): Reading[] => readings.filter((each) => each !== null);
