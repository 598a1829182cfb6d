/** The processes of the targets and of the stand-ins as sources. */
import { existsSync } from "node:fs";
import { type ProcessSelector, type Reading, reading } from "../core/resource.ts";
import { MEGABYTE, present, type Source, type Tell } from "./source.ts";
import { followProcesses, type Usage } from "./usage.ts";

export interface Target {
  readonly family: "target" | "embedded";
  readonly selector: ProcessSelector;
  /** For people: `process on port 8000`. */
  readonly words: string;
}

/** A selector in words. */
export function inWords(selector: ProcessSelector): string {
  if ("pid" in selector) return `process ${selector.pid}`;
  return "port" in selector ? `process on port ${selector.port}` : `process named ${selector.name}`;
}

/** What tells it from others in the names of resources. */
const shortName = (selector: ProcessSelector): string => String(Object.values(selector)[0]).replace(/[^\w.-]+/g, "_");

function readingsOf(family: Target["family"], usage: Usage, from: { source: string; one?: string }): Reading[] {
  const { cpu, bytes, files, processes } = usage;
  return present([
    cpu === undefined ? null : reading(family, "cpu", { ...from, value: cpu }),
    reading(family, "memory", { ...from, value: bytes / MEGABYTE }),
    files === null ? null : reading(family, "open_files", { ...from, value: files }),
    reading(family, "processes", { ...from, value: processes }),
  ]);
}

const sumOf = (usages: readonly Usage[]): Usage => ({
  cpu: usages.some(({ cpu }) => cpu === undefined) ? undefined : usages.reduce((sum, { cpu }) => sum + (cpu ?? 0), 0),
  bytes: usages.reduce((sum, { bytes }) => sum + bytes, 0),
  files: usages.some(({ files }) => files === null) ? null : usages.reduce((sum, { files }) => sum + (files ?? 0), 0),
  processes: usages.reduce((sum, { processes }) => sum + processes, 0),
});

/** Says once that a target is not there, and once that it went away. */
function watched({ selector, words }: Target, tell: Tell): (seconds: number) => Usage | null {
  const usage = followProcesses(selector);
  let seen: "never" | "there" | "gone" | "missing" = "never";
  return (seconds) => {
    const now = usage(seconds);
    if (now !== null && seen !== "gone") seen = "there";
    else if (now === null && seen === "never") {
      seen = "missing";
      tell(`the ${words} is not there: its CPU and memory are measured once it is`);
    } else if (now === null && seen === "there") {
      seen = "gone";
      tell(`the ${words} went away in the middle of the run: its CPU and memory have a gap`);
    }
    return now;
  };
}

/** Targets of one family: each by itself where there are several, and all together while all are there. */
export function processes(family: Target["family"], targets: readonly Target[], tell: Tell): Source | null {
  if (targets.length === 0) return null;
  if (!existsSync("/proc/self/stat")) {
    tell(`${targets.map(({ words }) => words).join(", ")}: processes can be measured on Linux only`);
    return null;
  }
  const followed = targets.map((target) => ({ ...target, usage: watched(target, tell) }));
  const together = targets.map(({ words }) => words).join(", ");
  return {
    read: (seconds) => {
      const now = followed.map(({ usage }) => usage(seconds));
      const there = now.filter((usage) => usage !== null);
      const all = there.length === now.length ? readingsOf(family, sumOf(there), { source: together }) : [];
      if (followed.length === 1) return all;
      const each = followed.flatMap(({ selector, words }, i) =>
        now[i] ? readingsOf(family, now[i], { source: words, one: shortName(selector) }) : [],
      );
      return [...all, ...each];
    },
  };
}
