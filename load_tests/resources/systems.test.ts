import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { cgroup, controllerOf } from "./cgroup.ts";
import { linuxCoreTime, memoryUsed } from "./machine.ts";
import { retransmitsOf, trafficOf } from "./network.ts";

const MB = 1024 * 1024;

/** A folder that stands for `/sys/fs/cgroup`. */
function rootOf(files: Readonly<Record<string, string | number>>): string {
  const root = mkdtempSync(join(tmpdir(), "tenfold-cgroup-"));
  put(root, files);
  return root;
}

function put(root: string, files: Readonly<Record<string, string | number>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${content}\n`);
  }
}

const valuesOf = (sources: ReturnType<typeof cgroup>, seconds = 1) =>
  Object.fromEntries(sources.flatMap((source) => source.read(seconds)).map(({ name, value }) => [name, value]));

describe("a control group of version 2", () => {
  const files = {
    "cgroup.controllers": "cpu memory",
    "box/cpu.max": "150000 100000",
    "box/cpu.stat": "usage_usec 1000000\nnr_periods 10\nnr_throttled 1",
    "box/memory.max": 512 * MB,
    "box/memory.current": 300 * MB,
    "box/memory.stat": `anon 1\ninactive_file ${44 * MB}`,
    "box/inner/cpu.max": "max 100000",
    "box/inner/memory.max": "max",
  };

  it("gives what was used since the last reading, of the narrowest limit on the way up", () => {
    const root = rootOf(files);
    const sources = cgroup("0::/box/inner\n", root);
    expect(valuesOf(sources)).toEqual({ "cgroup.memory": 256, "cgroup.memory_share": 50 });
    put(root, { "box/cpu.stat": "usage_usec 2500000\nnr_periods 20\nnr_throttled 6" });
    expect(valuesOf(sources, 2)).toEqual({
      "cgroup.cpu": 75,
      "cgroup.cpu_share": 50,
      "cgroup.throttled": 50,
      "cgroup.memory": 256,
      "cgroup.memory_share": 50,
    });
    expect(sources.map((source) => source.read(1)[0]?.source)).toEqual([
      "cgroup v2, at most 1.5 cores",
      "cgroup v2, at most 512 MB",
    ]);
  });

  it("is nothing at the root without a limit, or where there is none", () => {
    expect(cgroup("0::/\n", rootOf({ "cgroup.controllers": "cpu memory", "cpu.stat": "usage_usec 1" }))).toEqual([]);
    expect(cgroup("", rootOf({}))).toEqual([]);
    expect(controllerOf("cpu", "0::/box\n", rootOf({ "box/cpu.max": "max 100000" }))).toBeNull();
  });

  it("is left out in a second whose files cannot be read", () => {
    const root = rootOf(files);
    const sources = cgroup("0::/box\n", root);
    put(root, { "box/memory.current": "?", "box/cpu.stat": "?" });
    expect(valuesOf(sources)).toEqual({});
  });
});

describe("a control group of version 1", () => {
  const lines = "4:memory:/box\n3:cpu,cpuacct:/box\n0::/\n";
  const files = {
    "memory/box/memory.limit_in_bytes": 256 * MB,
    "memory/box/memory.usage_in_bytes": 100 * MB,
    "memory/box/memory.stat": `cache 5\ntotal_inactive_file ${36 * MB}`,
    "cpu,cpuacct/box/cpu.cfs_quota_us": 50_000,
    "cpu,cpuacct/box/cpu.cfs_period_us": 100_000,
    "cpu,cpuacct/box/cpuacct.usage": 1e9,
    "cpu,cpuacct/box/cpu.stat": "nr_periods 0\nnr_throttled 0",
  };

  it("gives the same measures", () => {
    const root = rootOf(files);
    const sources = cgroup(lines, root);
    valuesOf(sources);
    put(root, {
      "cpu,cpuacct/box/cpuacct.usage": 1.25e9,
      "cpu,cpuacct/box/cpu.stat": "nr_periods 10\nnr_throttled 10",
    });
    expect(valuesOf(sources)).toEqual({
      "cgroup.cpu": 25,
      "cgroup.cpu_share": 50,
      "cgroup.throttled": 100,
      "cgroup.memory": 64,
      "cgroup.memory_share": 25,
    });
  });

  it("takes the greatest number and -1 for no limit", () => {
    const root = rootOf({
      ...files,
      "memory/box/memory.limit_in_bytes": "9223372036854771712",
      "cpu,cpuacct/box/cpu.cfs_quota_us": -1,
    });
    expect(valuesOf(cgroup(lines, root))).toEqual({ "cgroup.memory": 64 });
  });
});

describe("the machine", () => {
  it("is busy for what is not idle, waiting or stolen, and guests are not counted twice", () => {
    expect(linuxCoreTime("cpu  10 20 30 400 50 6 7 8 9 1\ncpu0 1 1 1 1\n")).toEqual({ busy: 73, steal: 8, total: 531 });
    expect(linuxCoreTime("intr 5\n")).toBeNull();
  });

  it("uses the memory that is not to be had", () => {
    expect(memoryUsed("MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable:  400 kB\n")).toBeCloseTo(0.6, 9);
    expect(memoryUsed("MemTotal:  1000 kB\nMemFree:  100 kB\n")).toBeCloseTo(0.9, 9);
    expect(memoryUsed(null)).toBeGreaterThan(0);
  });
});

const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 500 5 0 0 0 0 0 0 500 5 0 0 0 0 0 0
  eth0:1000 9 0 0 0 0 0 0 200 3 0 0 0 0 0 0
  wlan0: 24 1 0 0 0 0 0 0 6 1 0 0 0 0 0 0
`;

test("the network counts every interface, and loopback by itself", () => {
  expect(trafficOf(DEV)).toEqual({ received: 1024, sent: 206, loopback: 500 });
  expect(trafficOf("")).toEqual({ received: 0, sent: 0, loopback: 0 });
});

test("segments that were sent again are found by the name of their column", () => {
  expect(retransmitsOf("Ip: A B\nIp: 1 2\nTcp: InSegs RetransSegs InErrs\nTcp: 10 42 3\n")).toBe(42);
  expect(retransmitsOf("Tcp: InSegs\nTcp: 10\n")).toBeUndefined();
  expect(retransmitsOf("")).toBeUndefined();
});
