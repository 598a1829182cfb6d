/** Ops that workers meet while a run goes on: each worker has ids of its own, the run has one for all. */
import type { OpInfo } from "../core/model.ts";
import type { DecodedSnapshot, Snapshot } from "../core/snapshot.ts";

const keyOf = ({ service, host, protocol, method, name, tags, metrics }: OpInfo): string =>
  JSON.stringify([service, host ?? null, protocol, method, name, tags ?? [], metrics]);

/** Gives the run's id of an op; `tell` hears of those that are new. `ops` are known to all workers by the same ids. */
export function openOpLines(ops: readonly OpInfo[], tell: (info: OpInfo) => void): (info: OpInfo) => number {
  const ids = new Map<string, number>();
  return (info) => {
    const key = keyOf(info);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = ops.length + ids.size;
    ids.set(key, id);
    tell(info);
    return id;
  };
}

type Ids = ReadonlyMap<number, number>;

/** What a worker tells, with the run's ids. */
export const withRunIds = <Part extends { readonly op: number }>(parts: readonly Part[], ids: Ids): readonly Part[] =>
  ids.size === 0 ? parts : parts.map((part) => (ids.has(part.op) ? { ...part, op: ids.get(part.op)! } : part));

/** A worker's snapshot with the run's ids. */
export function withIds(snapshot: DecodedSnapshot, ids: Ids): Snapshot {
  if (ids.size === 0) return snapshot;
  const { series, failures, slowest } = snapshot;
  const named = { failures: withRunIds(failures, ids), slowest: withRunIds(slowest, ids) };
  const own = series.map((each) => (ids.has(each.op) ? each.of(ids.get(each.op)!) : each));
  return { ...snapshot, series: own, ...named };
}
