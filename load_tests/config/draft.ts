/** A config on its way to a plan: its tree, the request, and everything found wrong so far. */
import type { z } from "zod";
import type { Programs } from "../core/code.ts";
import type { DataFiles } from "../core/feed.ts";
import type { Criterion, Protocol } from "../core/plugin.ts";
import type { PluginFiles } from "../core/plugins.ts";
import type { Path, Tree } from "./document.ts";
import type { Flags } from "./flags.ts";
import { pathText, valueAt } from "./issues.ts";
import type { HostFlags } from "./overrides.ts";
import type { Finding } from "./problem.ts";
import type { ReadWorkload } from "./workloads.ts";

export interface LoadRequest {
  readonly file: string;
  readonly text: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly protocols: readonly Protocol[];
  readonly criteria: readonly Criterion[];
  /** Names of reports that plug-ins bring. */
  readonly formats?: readonly string[];
  readonly flags: Flags;
  /** Absent: no data files can be read. */
  readonly data?: DataFiles;
  /** Absent: no code can be run. */
  readonly programs?: Programs;
  /** Absent: no plug-ins can be read. */
  readonly pluginFiles?: PluginFiles;
  /** Whether a file, or a folder, is there and can be read. */
  readable(path: string, kind?: "file" | "folder"): boolean;
}

export const startsWith = (path: Path, start: Path): boolean => start.every((key, index) => path[index] === key);

export class Draft {
  readonly request: LoadRequest;
  readonly tree: Tree;
  readonly hosts: HostFlags;
  readonly findings: Finding[] = [];
  /** By name; filled once the form of the file was checked. */
  workloads: ReadonlyMap<string, ReadWorkload> = new Map();
  private readonly wrong: Path[] = [];
  private mended: unknown;

  constructor(request: LoadRequest, tree: Tree, hosts: HostFlags) {
    this.request = request;
    this.tree = tree;
    this.hosts = hosts;
    this.mended = tree.value;
  }

  /** The file's content; after `mend` without what is known to be wrong. */
  get value(): unknown {
    return this.mended;
  }

  report(finding: Finding): void {
    this.findings.push(finding);
  }

  /** Reports a mistake in what stands at a path, unless it may only be the consequence of one below that is known. */
  reportAt(path: Path, message: string): void {
    if (this.broken(path)) return;
    this.report({ place: this.tree.places.value(path), message: `${pathText(path)}: ${message}` });
  }

  /** Reports a mistake in the form of the file: what stands at the path cannot be used. */
  refuse(path: Path, finding: Finding): void {
    this.wrong.push(path);
    this.report(finding);
  }

  /** Whether the form of something at, below or around the path is wrong. */
  broken(path: Path): boolean {
    return this.wrong.some((each) => startsWith(each, path) || startsWith(path, each));
  }

  /** Takes out what was refused, so that the rest can be looked at too. */
  mend(): void {
    this.mended = structuredClone(this.tree.value);
    for (const path of this.wrong) {
      const parent = valueAt(this.mended, path.slice(0, -1));
      if (typeof parent === "object" && parent !== null && !Array.isArray(parent))
        delete (parent as Record<string, unknown>)[path.at(-1)!];
    }
  }

  /** What stands at a path, parsed; undefined where it is absent or wrong. */
  parsed<T>(path: Path, schema: z.ZodType<T>): T | undefined {
    const value = valueAt(this.mended, path);
    return value === undefined ? undefined : schema.safeParse(value).data;
  }
}
