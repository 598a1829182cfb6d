/** Finding processes in `/proc`: by number, name or port, with the children that they started. Linux only. */
import { readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { ProcessSelector } from "../core/resource.ts";
import { systemFile } from "./source.ts";

/** One process at one moment. */
export interface ProcessStat {
  readonly pid: number;
  /** When it began, in ticks since the machine did: a number that is used again belongs to another process. */
  readonly began: number;
  /** CPU time so far, in ticks of 10 ms. */
  readonly ticks: number;
}

/** Reads the text of `/proc/PID/stat`; the name in it may hold spaces and brackets. Null for one that has ended. */
export function parseStat(text: string): ProcessStat | null {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, utime, stime, began] = [0, 11, 12, 19].map((index) => fields[index]);
  if (began === undefined || state === "Z" || state === "X") return null;
  return { pid: Number.parseInt(text, 10), began: Number(began), ticks: Number(utime) + Number(stime) };
}

export function statOf(pid: number): ProcessStat | null {
  const text = systemFile(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

/** Bytes of it that lie in memory. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(systemFile(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

const allPids = (): number[] =>
  entries("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

const INTERPRETERS = /^(node|nodejs|bun|deno|python|ruby|perl|php|java|dotnet|bash|sh)[\d.]*$/;

/** Names that a process goes by: what `ps` shows, its program's, and that of the script that it runs. */
export function namesOf(comm: string, commandLine: string): string[] {
  const [program = "", ...args] = commandLine.split("\0");
  const name = basename(program.split(" ")[0]!).replace(/:$/, "");
  const script = INTERPRETERS.test(name) ? args.find((arg) => arg !== "" && !arg.startsWith("-")) : undefined;
  return [comm.trim(), name, ...(script === undefined ? [] : [basename(script)])].filter((each) => each !== "");
}

const isCalled = (pid: number, name: string): boolean =>
  namesOf(systemFile(`/proc/${pid}/comm`) ?? "", systemFile(`/proc/${pid}/cmdline`) ?? "").includes(name);

const LISTENING = "0A";

/** Sockets of `/proc/net/tcp` that listen on a port. */
export function listenersIn(table: string, port: number): string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return table.split("\n").flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    return fields[3] === LISTENING && fields[1]!.endsWith(`:${hex}`) ? [fields[9]!] : [];
  });
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function listening(port: number): number[] {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => systemFile(path) ?? "");
  const sockets = new Set(tables.flatMap((table) => listenersIn(table, port)).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return [];
  return allPids().filter((pid) =>
    entries(`/proc/${pid}/fd`).some((fd) => sockets.has(linkOf(`/proc/${pid}/fd/${fd}`))),
  );
}

/** The processes that a selector means now; `own` is never one of those that are found by name. */
export function findProcesses(selector: ProcessSelector, own: number): number[] {
  if ("pid" in selector) return [selector.pid].filter((pid) => statOf(pid) !== null);
  if ("port" in selector) return listening(selector.port);
  return allPids().filter((pid) => pid !== own && isCalled(pid, selector.name) && statOf(pid) !== null);
}

const childrenOf = (pid: number): number[] =>
  entries(`/proc/${pid}/task`).flatMap((task) =>
    (systemFile(`/proc/${pid}/task/${task}/children`) ?? "").split(" ").filter(Boolean).map(Number),
  );

/** These processes and all that they started, each once; without `own` and what it started. */
export function withChildren(pids: readonly number[], own: number): number[] {
  const known = new Set(pids);
  for (const pid of known) for (const child of childrenOf(pid)) if (child !== own) known.add(child);
  return [...known];
}
