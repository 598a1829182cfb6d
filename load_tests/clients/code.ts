/** Calls that code makes: entries of a service's own list, read while the run goes on. */
import type { z } from "zod";
import { parseCheck } from "../core/check.ts";
import type { Resolver } from "../core/plugin.ts";

/** The entry as its schema reads it. Throws an Error with a sentence. */
export function readEntry<T>(schema: z.ZodType<T>, entry: unknown): T {
  const { data, error } = schema.safeParse(entry);
  if (error === undefined) return data as T;
  const [issue] = error.issues;
  throw new Error(`${issue?.path.join(".") || "the call"}: ${issue?.message}`);
}

/** A mistake in a call of code is an exception there. What code gives by name is filled by the workload. */
export const THROWING: Resolver = {
  issue: (path, message) => {
    throw new Error(`${path.join(".") || "the call"}: ${message}`);
  },
  file: (path) => {
    throw new Error(`${path.join(".")}: expected the content itself in code, found the name of a file`);
  },
  checks: (_path, sentences) => sentences.map(parseCheck),
  templates: () => {},
};
