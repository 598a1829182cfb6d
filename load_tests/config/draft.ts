/** A config on its way to a plan: its tree, the request, and everything found wrong so far. */
import type { z } from "zod";
import type { Criterion, Protocol } from "../core/plugin.ts";
import type { Path, Tree } from "./document.ts";
import type { Flags } from "./flags.ts";
import { pathText, valueAt } from "./issues.ts";
import type { HostFlags } from "./overrides.ts";
import type { Finding } from "./problem.ts";

export interface LoadRequest {
  readonly file: string;
  readonly text: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly protocols: readonly Protocol[];
  readonly criteria: readonly Criterion[];
  readonly flags: Flags;
  /** Whether a file is there and can be read. */
  readable(path: string): boolean;
}

export class Draft {
  readonly request: LoadRequest;
  readonly tree: Tree;
  readonly hosts: HostFlags;
  readonly findings: Finding[] = [];
  private readonly wrong: Path[] = [];

  constructor(request: LoadRequest, tree: Tree, hosts: HostFlags) {
    this.request = request;
    this.tree = tree;
    this.hosts = hosts;
  }

  report(finding: Finding): void {
    this.findings.push(finding);
  }

  /** Reports a mistake in what stands at a path of the file, and remembers that it is wrong. */
  reportAt(path: Path, message: string, place = this.tree.places.value(path)): void {
    this.wrong.push(path);
    this.report({ place, message: message.startsWith(pathText(path)) ? message : `${pathText(path)}: ${message}` });
  }

  /** Whether something at or below the path is known to be wrong. */
  broken(path: Path): boolean {
    return this.wrong.some((each) => path.every((key, index) => each[index] === key));
  }

  /** What stands at a path, parsed; undefined where it is absent or wrong. */
  parsed<T>(path: Path, schema: z.ZodType<T>): T | undefined {
    const value = valueAt(this.tree.value, path);
    return value === undefined || this.broken(path) ? undefined : schema.safeParse(value).data;
  }
}
