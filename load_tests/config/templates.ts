/** Names in templates that nothing will fill, anywhere in a value. */
import { templateProblems } from "../core/template.ts";
import type { Path } from "./document.ts";

/** `known` are names beside the usual ones. */
export function checkTemplatesIn(
  value: unknown,
  known: readonly string[],
  { path, report }: { path: Path; report: (path: Path, message: string) => void },
): void {
  const text = (at: Path, each: string): void => {
    for (const problem of templateProblems(each, known)) report(at, problem);
  };
  if (typeof value === "string") text(path, value);
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const below = [...path, Array.isArray(value) ? Number(key) : key];
    if (!Array.isArray(value)) text(below, key);
    checkTemplatesIn(item, known, { path: below, report });
  }
}
