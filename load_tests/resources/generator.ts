/** This process, all its threads: its CPU and its event loop's delay are told by the threads that make the load. */
import { readdirSync } from "node:fs";
import { reading } from "../core/resource.ts";
import { MEGABYTE, present, type Source, systemFile } from "./source.ts";

/** Open files of a process, sockets too; null where that cannot be seen. */
export function openFiles(pid: number | "self"): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
}

const limitOf = (limits: string | null): string | undefined => /^Max open files\s+(\S+)/m.exec(limits ?? "")?.[1];

export function generator(): Source {
  const limit = limitOf(systemFile("/proc/self/limits"));
  const source = limit === undefined ? "process" : `process, at most ${limit}`;
  return {
    read: () => {
      const files = openFiles("self");
      return present([
        reading("generator", "memory", { source: "process", value: process.memoryUsage.rss() / MEGABYTE }),
        files === null ? null : reading("generator", "open_files", { source, value: files }),
      ]);
    },
  };
}
