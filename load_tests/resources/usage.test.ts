/** Processes of our own making, measured by themselves and by us. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { findProcesses, listenersIn, namesOf, parseStat } from "./process_table.ts";
import { inWords, processes } from "./processes.ts";
import { followProcesses } from "./usage.ts";

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Runs a script that answers a line of its choice to each line that it is told. */
async function run(script: string) {
  const child = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  started.push(child);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  const ask = (): Promise<string> => {
    child.stdin!.write("\n");
    return line();
  };
  return { child, pid: child.pid!, line, ask };
}

const BURN = `
const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const burn = (until) => { while (used() < until); };
process.stdin.on("data", () => { burn(used() + 0.5); console.log(process.hrtime.bigint() / 1000n + " " + used()); });
console.log("ready");`;

describe.skipIf(!existsSync("/proc/self/stat"))("a process", () => {
  it("has the CPU time that it says it used", async () => {
    const { pid, ask, line } = await run(BURN);
    await line();
    const usage = followProcesses({ pid });
    const before = Number((await ask()).split(" ")[1]);
    expect(usage(1)).toMatchObject({ cpu: undefined, processes: 1 });
    const after = Number((await ask()).split(" ")[1]);
    expect(Math.abs(usage(1)!.cpu! / 100 - (after - before))).toBeLessThan(0.06);
  });

  it("has the memory that it took", async () => {
    const script = `let kept; process.stdin.on("data", () => { kept = Buffer.alloc(200 * 1024 * 1024, 1); console.log(kept.length); }); console.log("ready");`;
    const { pid, ask, line } = await run(script);
    await line();
    const usage = followProcesses({ pid });
    const before = usage(1)!.bytes;
    await ask();
    const grown = (usage(1)!.bytes - before) / 1024 / 1024;
    expect(grown).toBeGreaterThan(190);
    expect(grown).toBeLessThan(230);
  });

  it("is found by its port, with its children, and again after a restart", async () => {
    const serve = (port: number) => `
      const { spawn } = require("node:child_process");
      const server = require("node:net").createServer().listen(${port}, "127.0.0.1", () => {
        const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log('ready')"], { stdio: ["ignore", "pipe", "ignore"] });
        child.stdout.once("data", () => console.log(server.address().port));
        process.stdin.on("end", () => child.kill());
      });`;
    const first = await run(serve(0));
    const port = Number(await first.line());
    const told: string[] = [];
    const source = processes("target", [{ family: "target", selector: { port }, words: inWords({ port }) }], (text) =>
      told.push(text),
    )!;
    const countOf = () => source.read(1).find(({ name }) => name === "target.processes")?.value;
    expect(countOf()).toBe(2);
    const gone = new Promise((resolve) => first.child.once("exit", resolve));
    first.child.kill("SIGKILL");
    await gone;
    expect(source.read(1)).toEqual([]);
    expect(told).toEqual([
      `the process on port ${port} went away in the middle of the run: its CPU and memory have a gap`,
    ]);
    const second = await run(serve(port));
    await second.line();
    expect(countOf()).toBe(2);
    expect(source.read(1).map(({ name }) => name)).toContain("target.cpu");
    expect(told).toHaveLength(1);
  });

  it("that is not there is told once, and is no zero", () => {
    const told: string[] = [];
    const target = {
      family: "target",
      selector: { name: "no-such-program" },
      words: "process named no-such-program",
    } as const;
    const source = processes("target", [target], (text) => told.push(text))!;
    expect([source.read(1), source.read(1)]).toEqual([[], []]);
    expect(told).toEqual([expect.stringMatching(/no-such-program is not there/)]);
  });

  it("is found by its name, unless it is our own", () => {
    const names = namesOf("", process.argv0);
    expect(findProcesses({ name: names[0]! }, 0)).toContain(process.pid);
    expect(findProcesses({ name: names[0]! }, process.pid)).not.toContain(process.pid);
  });
});

describe("the tables of /proc", () => {
  it("tell a process, whatever its name", () => {
    const fields = "S 1 1 1 0 -1 4194304 1 0 0 0 250 50 0 0 20 0 1 0 777 1000 20 0";
    expect(parseStat(`42 (a) b (c) ${fields}`)).toEqual({ pid: 42, began: 777, ticks: 300 });
    expect(parseStat(`42 (dead) ${fields.replace("S", "Z")}`)).toBeNull();
    expect(parseStat("")).toBeNull();
  });

  it("tell who listens, and not who is only connected", () => {
    const row = (port: string, state: string, inode: number) =>
      `   0: 0100007F:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1`;
    const table = ["  sl  local_address ...", row("1F90", "0A", 7), row("1F90", "01", 8), row("1F91", "0A", 9)].join(
      "\n",
    );
    expect(listenersIn(table, 8080)).toEqual(["7"]);
  });

  it.each([
    ["node", "/usr/bin/node\0--inspect\0/srv/server.js\0", ["node", "node", "server.js"]],
    ["nginx", "nginx: worker process\0", ["nginx", "nginx"]],
    ["python3", "/usr/bin/python3.11\0app.py\0", ["python3", "python3.11", "app.py"]],
    ["kthreadd", "", ["kthreadd"]],
  ])("name a process: %s", (comm, commandLine, names) => {
    expect(namesOf(`${comm}\n`, commandLine)).toEqual(names);
  });
});
