/** The data files of a workload: read and checked, with the names that its templates may use. */
import { isAbsolute, resolve } from "node:path";
import { BUILT_IN } from "../core/expression.ts";
import { type FeedUse, rowsNeeded } from "../core/feed.ts";
import type { Scenario } from "../core/model.ts";
import { peakUsers } from "../core/schedule.ts";
import type { WorkloadPlan } from "../core/workload.ts";
import type { Path } from "./document.ts";
import type { Draft } from "./draft.ts";
import type { WorkloadConfig } from "./workload_schema.ts";

export interface ReadFeeds {
  readonly uses: readonly FeedUse[];
  /** `products.id` and the like. */
  readonly known: readonly string[];
}

/** Names that are templates' own. */
const TAKEN = new Set(["random", "env", "sent", ...[...BUILT_IN.keys()].map((name) => name.split(".")[0]!)]);

/** Whether anything in the steps names a column of the feed. */
const uses = (steps: unknown, name: string): boolean =>
  new RegExp(`(?<![\\w.])${name}\\.`).test(JSON.stringify(steps ?? null));

/** Opens every file of the workload's `data`; mistakes are reported. */
export async function readFeeds(workload: string, config: WorkloadConfig, draft: Draft): Promise<ReadFeeds> {
  const found: FeedUse[] = [];
  const known: string[] = [];
  const tasks = config.tasks ?? [{ steps: config.steps }];
  for (const [name, written] of Object.entries(config.data ?? {})) {
    const at = ["workloads", workload, "data", name];
    const file = isAbsolute(written.file) ? written.file : resolve(draft.request.file, "..", written.file);
    if (TAKEN.has(name)) draft.reportAt(at, `\`${name}\` is a name of its own in templates: expected another`);
    try {
      if (draft.request.data === undefined) throw new Error("expected a file that can be read");
      const { feed, columns } = await draft.request.data.feed(name, { ...written, file });
      const session = uses([config.on_start, config.on_stop], name);
      found.push({ feed, session, tasks: tasks.flatMap(({ steps }, i) => (uses(steps, name) ? [i] : [])) });
      known.push(...columns.map((column) => `${name}.${column}`));
    } catch (error) {
      draft.reportAt([...at, "file"], error instanceof Error ? error.message : String(error));
      known.push(name);
    }
  }
  return { uses: found, known };
}

/** Reports unique feeds that have fewer rows than the scenario has users. */
export function checkRows(
  { flows }: Pick<Scenario, "flows">,
  plans: readonly WorkloadPlan[],
  report: (path: Path, message: string) => void,
): void {
  for (const { name, feeds = [] } of plans) {
    const own = flows.filter(({ workload, drive }) => workload === name && drive === "users");
    const most = Math.max(0, ...own.map(({ segments }) => peakUsers(segments)));
    for (const { feed } of feeds) {
      const needed = rowsNeeded(feed, own.length, most);
      if (feed.rows < needed)
        report(
          [],
          `the data \`${feed.name}\` of \`${name}\` are unique: expected a row for each of ${needed} users, found ${feed.rows}`,
        );
    }
  }
}
