/** Which calls are to be followed second by second for the criteria of a scenario, and where those seconds are. */
import type { Watch, WatchedSecond } from "../core/ledger.ts";
import type { CriterionSpec, OpInfo, Scope } from "../core/model.ts";
import type { Criterion } from "../core/plugin.ts";
import { covers, expandEach } from "./scope.ts";

export interface Watches {
  /** For the Ledger. */
  readonly watches: readonly Watch[];
  /** The seconds of a criterion's calls; null where it asked for none. */
  watchedBy(spec: CriterionSpec): readonly WatchedSecond[] | null;
}

const keyOf = ({ service, endpoint, tag }: Scope): string =>
  JSON.stringify([service ?? null, endpoint ?? null, tag ?? null]);

/** One watch for each scope that a criterion wants followed. */
export function watchesFor(
  specs: readonly CriterionSpec[],
  plugins: readonly Criterion[],
  ops: readonly OpInfo[],
): Watches {
  const byScope = new Map<string, Watch>();
  for (const spec of specs) {
    const plugin = plugins.find(({ kind }) => kind === spec.kind);
    if (!plugin?.watches) continue;
    for (const { scope } of expandEach(spec, ops, plugin))
      byScope.set(keyOf(scope), { matches: (info) => covers(scope, info), seconds: [] });
  }
  return { watches: [...byScope.values()], watchedBy: ({ scope }) => byScope.get(keyOf(scope))?.seconds ?? null };
}
