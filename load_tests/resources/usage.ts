/** What the processes that a selector means use, with their children; found again where they restart. Linux only. */
import type { ProcessSelector } from "../core/resource.ts";
import { openFiles } from "./generator.ts";
import { findProcesses, type ProcessStat, residentBytes, statOf, withChildren } from "./process_table.ts";
import { systemFile } from "./source.ts";

/** The kernel tells CPU time in these, whatever its own clock. */
const TICKS_PER_SECOND = 100;
/** A service may start more processes of its name: they are sought again after as many seconds. */
const SEEK_EVERY = 5;

export interface Usage {
  /** Percent of a core; undefined the first time that they are seen. */
  readonly cpu: number | undefined;
  /** Resident memory; what processes share counts for each. */
  readonly bytes: number;
  /** Null without the right to see them. */
  readonly files: number | null;
  readonly processes: number;
}

const uptime = (): number => Number.parseFloat(systemFile("/proc/uptime") ?? "0") * TICKS_PER_SECOND;

/** CPU time of processes that come and go. */
class CpuTime {
  private before = new Map<number, ProcessStat>();
  private last = uptime();

  /** Ticks used since the last call: of a process that began since then, all; of one that is new to us alone, none yet. */
  since(now: readonly ProcessStat[]): number {
    const used = now.map((stat) => {
      const known = this.before.get(stat.pid);
      if (known?.began === stat.began) return stat.ticks - known.ticks;
      return stat.began >= this.last ? stat.ticks : 0;
    });
    this.before = new Map(now.map((stat) => [stat.pid, stat]));
    this.last = uptime();
    return used.reduce((sum, ticks) => sum + ticks, 0);
  }
}

/** Gives what they used over the seconds since it was asked before; null while there is no such process. */
export function followProcesses(selector: ProcessSelector, own = process.pid): (seconds: number) => Usage | null {
  const time = new CpuTime();
  let roots: number[] = [];
  let age = Number.POSITIVE_INFINITY;
  let wasThere = false;
  const find = (seconds: number): void => {
    age += seconds;
    if (age < SEEK_EVERY && roots.length > 0 && roots.every((pid) => statOf(pid) !== null)) return;
    roots = findProcesses(selector, own);
    age = 0;
  };
  return (seconds) => {
    find(seconds);
    const stats = withChildren(roots, own).map(statOf);
    const there = stats.filter((stat) => stat !== null);
    const ticks = time.since(there);
    const known = wasThere;
    wasThere = there.length > 0;
    if (!wasThere) return null;
    const files = there.map(({ pid }) => openFiles(pid));
    return {
      cpu: known ? (100 * ticks) / TICKS_PER_SECOND / seconds : undefined,
      bytes: there.reduce((sum, { pid }) => sum + residentBytes(pid), 0),
      files: files.includes(null) ? null : files.reduce<number>((sum, each) => sum + (each ?? 0), 0),
      processes: there.length,
    };
  };
}
