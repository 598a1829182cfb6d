/** What Linux says of the machine while something is measured: CPU of cores and of process groups, memory, cores to pin to. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";

const TICKS_PER_S = 100;
export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;

/** Why nothing can be measured here; null where it can. */
export function obstacle() {
  if (process.platform !== "linux") return "the bench reads /proc: it needs Linux";
  if (availableParallelism() < 2) return "the bench needs two cores: one for the client, one for the server";
  try {
    execFileSync("taskset", ["-c", String(CLIENT_CORE), "true"], { stdio: "ignore" });
    return null;
  } catch {
    return "the bench needs taskset (Debian: util-linux)";
  }
}

export const pinned = (cores, command) => ["taskset", "-c", String(cores), ...command];

/** Seconds that a core was busy since it started, interrupts included; idle and stolen time is not. */
function busySeconds(core) {
  const line = readFileSync("/proc/stat", "utf8")
    .split("\n")
    .find((each) => each.startsWith(`cpu${core} `));
  const [, user, nice, system, , , irq, softirq] = line.split(/\s+/).map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_S;
}

/** The processes of a group; those that end meanwhile are left out. */
function membersOf(group) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return Number(fields[2]) === group ? [{ pid, ticks: Number(fields[11]) + Number(fields[12]) }] : [];
      } catch {
        return [];
      }
    });
}

function residentMb(pid, which) {
  try {
    const line = readFileSync(`/proc/${pid}/status`, "utf8").match(new RegExp(`^${which}:\\s+(\\d+) kB`, "m"));
    return Number(line?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** One reading; two of them make a measurement. */
export function reading(group) {
  const members = membersOf(group);
  const sum = (of) => members.reduce((total, each) => total + of(each), 0);
  return {
    at: performance.now() / 1000,
    client: busySeconds(CLIENT_CORE),
    server: busySeconds(SERVER_CORE),
    own: sum(({ ticks }) => ticks) / TICKS_PER_S,
    rss: sum(({ pid }) => residentMb(pid, "VmRSS")),
    peak: sum(({ pid }) => residentMb(pid, "VmHWM")),
  };
}

export const machine = () => ({
  cpu: cpus()[0]?.model,
  cores: availableParallelism(),
  memory_gb: Math.round(totalmem() / 2 ** 30),
  kernel: execFileSync("uname", ["-r"], { encoding: "utf8" }).trim(),
  node: process.version,
  date: new Date().toISOString(),
});
