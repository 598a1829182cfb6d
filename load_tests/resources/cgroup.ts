/** The control group that this process is in (a container's limits): usage, and how often it was held back. Versions 1 and 2. */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Reading, reading } from "../core/resource.ts";
import { fieldsOf, growth, MEGABYTE, present, type Source, systemFile } from "./source.ts";

const ROOT = "/sys/fs/cgroup";

/** Folders of a controller from this process's own up to its root, those that can be seen: a container sees its own as root. */
interface Controller {
  readonly version: 1 | 2;
  readonly folders: readonly string[];
}

function upwards(root: string, path: string): string[] {
  const folder = join(root, path);
  return folder === root || folder === `${root}/` ? [root] : [folder, ...upwards(root, dirname(path))];
}

const isThere = (folder: string): boolean => {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
};

/** Finds a controller by the lines `id:controllers:path` of `/proc/self/cgroup`. */
export function controllerOf(name: string, lines: string, root = ROOT): Controller | null {
  for (const [, controllers, path] of lines.matchAll(/^\d+:([^:]*):(.+)$/gm)) {
    const version = controllers === "" ? 2 : 1;
    if (version === 1 && !controllers!.split(",").includes(name)) continue;
    if (version === 2 && systemFile(join(root, "cgroup.controllers")) === null) continue;
    const folders = upwards(version === 2 ? root : join(root, controllers!), path!).filter(isThere);
    if (folders.length > 0) return { version, folders };
  }
  return null;
}

const numberIn = (path: string): number | undefined => {
  const text = systemFile(path)?.trim();
  return text === undefined || !/^-?\d+$/.test(text) ? undefined : Number(text);
};

/** A limit that is none reads so: half of the greatest number, less a page. */
const NO_LIMIT = 2 ** 60;

interface Limit {
  readonly folder: string;
  readonly value: number;
}

/** The narrowest of the limits on the way up. */
function narrowest({ folders }: Controller, limitIn: (folder: string) => number | undefined): Limit | null {
  const limits = folders.flatMap((folder) => {
    const value = limitIn(folder);
    return value === undefined || value <= 0 || value >= NO_LIMIT ? [] : [{ folder, value }];
  });
  return limits.reduce<Limit | null>(
    (least, each) => (least === null || each.value < least.value ? each : least),
    null,
  );
}

/** Cores that the group may use. */
function coresIn(version: 1 | 2, folder: string): number | undefined {
  if (version === 2) {
    const [quota, period] = (systemFile(join(folder, "cpu.max")) ?? "").trim().split(" ");
    return quota === undefined || quota === "max" || quota === "" ? undefined : Number(quota) / Number(period);
  }
  const quota = numberIn(join(folder, "cpu.cfs_quota_us"));
  const period = numberIn(join(folder, "cpu.cfs_period_us"));
  return quota === undefined || period === undefined || quota < 0 ? undefined : quota / period;
}

const bytesIn = (version: 1 | 2, folder: string): number | undefined =>
  numberIn(join(folder, version === 2 ? "memory.max" : "memory.limit_in_bytes"));

/** Memory in use without the file cache that the kernel gives back when asked. */
function usedIn(version: 1 | 2, folder: string): number | undefined {
  const used = numberIn(join(folder, version === 2 ? "memory.current" : "memory.usage_in_bytes"));
  const stat = fieldsOf(systemFile(join(folder, "memory.stat")) ?? "");
  const cache = stat.get(version === 2 ? "inactive_file" : "total_inactive_file") ?? 0;
  return used === undefined ? undefined : Math.max(0, used - cache);
}

function memorySource(lines: string, root: string): Source | null {
  const controller = controllerOf("memory", lines, root);
  if (controller === null) return null;
  const { version, folders } = controller;
  const limit = narrowest(controller, (folder) => bytesIn(version, folder));
  if (limit === null && folders.length === 1) return null; // the root: all of the machine
  const source = `cgroup v${version}${limit === null ? "" : `, at most ${Math.round(limit.value / MEGABYTE)} MB`}`;
  const folder = limit?.folder ?? folders[0]!;
  if (usedIn(version, folder) === undefined) return null;
  return {
    read: () => {
      const used = usedIn(version, folder);
      if (used === undefined) return [];
      return present([
        reading("cgroup", "memory", { source, value: used / MEGABYTE }),
        limit && reading("cgroup", "memory_share", { source, value: (100 * used) / limit.value }),
      ]);
    },
  };
}

/** CPU that the group used, in seconds. */
function cpuSecondsIn(version: 1 | 2, folder: string): number | undefined {
  const used =
    version === 2
      ? fieldsOf(systemFile(join(folder, "cpu.stat")) ?? "").get("usage_usec")
      : numberIn(join(folder, "cpuacct.usage"));
  return used === undefined ? undefined : used / (version === 2 ? 1e6 : 1e9);
}

/** Without a limit of CPU a group's usage says nothing that the machine's does not. */
function cpuSource(lines: string, root: string): Source | null {
  const controller = controllerOf("cpu", lines, root);
  if (controller === null) return null;
  const { version } = controller;
  const limit = narrowest(controller, (folder) => coresIn(version, folder));
  if (limit === null) return null;
  const accounts = version === 1 ? controllerOf("cpuacct", lines, root) : controller;
  const accountFolder = accounts?.folders[controller.folders.indexOf(limit.folder)] ?? limit.folder;
  const source = `cgroup v${version}, at most ${Number(limit.value.toFixed(2))} cores`;
  const grown = { used: growth(), periods: growth(), throttled: growth() };
  return {
    read: (seconds) => {
      const stat = fieldsOf(systemFile(join(limit.folder, "cpu.stat")) ?? "");
      const used = grown.used(cpuSecondsIn(version, accountFolder));
      const periods = grown.periods(stat.get("nr_periods"));
      const throttled = grown.throttled(stat.get("nr_throttled"));
      const of = (measure: "cpu" | "cpu_share" | "throttled", value: number | null): Reading | null =>
        value === null ? null : reading("cgroup", measure, { source, value });
      const percent = used === null ? null : (100 * used) / seconds;
      return present([
        of("cpu", percent),
        of("cpu_share", percent === null ? null : percent / limit.value),
        of("throttled", throttled === null || periods === null ? null : (100 * throttled) / Math.max(1, periods)),
      ]);
    },
  };
}

/** What the group that `lines` (`/proc/self/cgroup`) tell of has; empty where there is none. */
export function cgroup(lines = systemFile("/proc/self/cgroup") ?? "", root = ROOT): Source[] {
  return [cpuSource(lines, root), memorySource(lines, root)].filter((source) => source !== null);
}
