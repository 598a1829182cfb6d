import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import type { TargetSpec } from "./core/standin.ts";
import { specOf } from "./targets/fixture.ts";

/** As built: what users run. */
const ENTRY = fileURLToPath(new URL("../dist/stand_ins.js", import.meta.url));

function forked(): ChildProcess {
  const child = fork(ENTRY);
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function ask(child: ChildProcess, message: object) {
  child.send(message);
  const [answer] = await once(child, "message");
  return answer as { addresses: Record<string, string>; failed: string; cpu: number; memory: number };
}

const portOf = (address: string): number => Number(address.split(":").at(-1));

async function connected(address: string): Promise<Socket> {
  const socket = connect(portOf(address), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Settles when the connection is over, by a reset too. */
const lost = (socket: Socket): Promise<void> =>
  new Promise((done) => socket.on("error", () => {}).on("close", () => done()));

/** Settles when nothing listens any more: the kernel closes a dead process's port after its connections. */
async function refused(address: string): Promise<void> {
  for (;;) {
    const socket = connect(portOf(address), "127.0.0.1");
    const code = await new Promise((done) =>
      socket.on("connect", () => done(null)).on("error", (error: NodeJS.ErrnoException) => done(error.code)),
    );
    socket.destroy();
    if (code === "ECONNREFUSED") return;
  }
}

test("two processes at once serve on ports of their own", async () => {
  const specs: TargetSpec[] = [specOf("rest"), specOf("stt")];
  const [a, b] = await Promise.all([ask(forked(), { specs }), ask(forked(), { specs })]);
  const ports = [a, b].flatMap(({ addresses }) => Object.values(addresses).map(portOf));
  expect(new Set(ports).size).toBe(4);
  for (const { addresses } of [a, b]) expect((await request(addresses.rest!)).statusCode).toBe(200);
});

test("a port that is taken comes back as a sentence", async () => {
  const { addresses } = await ask(forked(), { specs: [specOf("rest")] });
  const port = portOf(addresses.rest!);
  const { failed } = await ask(forked(), { specs: [{ ...specOf("tts"), port }] });
  expect(failed).toContain(`stand-in tts: expected to listen on 127.0.0.1:${port}, but another process listens there`);
});

test("it tells the CPU time and the memory that it used", async () => {
  const { cpu, memory } = await ask(forked(), { usage: true });
  expect(cpu).toBeGreaterThan(1);
  expect(memory).toBeGreaterThan(1e6);
});

test("it outlives SIGINT and ends at SIGTERM", async () => {
  const child = forked();
  const { addresses } = await ask(child, { specs: [specOf("rest")] });
  child.kill("SIGINT");
  expect((await request(addresses.rest!)).statusCode).toBe(200);
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exit).toEqual([null, "SIGTERM"]);
});

test("it ends when its parent lets go of it", async () => {
  const child = forked();
  const { addresses } = await ask(child, { specs: [specOf("rest")] });
  const closed = lost(await connected(addresses.rest!));
  child.disconnect();
  await Promise.all([closed, once(child, "exit")]);
});

test("it ends when its parent is killed with SIGKILL", async () => {
  const script = `
    const child = require("node:child_process").fork(process.argv[1], { stdio: "ignore" });
    child.on("message", ({ addresses }) => console.log(addresses.rest));
    child.send({ specs: [JSON.parse(process.argv[2])] });`;
  const parent = spawn(process.execPath, ["-e", script, ENTRY, JSON.stringify(specOf("rest"))]);
  onTestFinished(() => void parent.kill("SIGKILL"));
  const address = String((await once(parent.stdout, "data"))[0]).trim();
  const closed = lost(await connected(address));
  parent.kill("SIGKILL");
  await closed;
  await refused(address);
});

test("it ends when its parent was killed while it was still loading", async () => {
  const script = `
    const child = require("node:child_process").fork(process.argv[1]);
    child.send({ specs: [JSON.parse(process.argv[2])] }, () => process.kill(process.pid, "SIGKILL"));`;
  const parent = spawn(process.execPath, ["-e", script, ENTRY, JSON.stringify(specOf("rest"))]);
  parent.stdout.resume();
  parent.stderr.resume();
  await once(parent, "close"); // both hold the pipes
});

test("it ends when its parent is gone before it said anything", async () => {
  const child = forked();
  child.disconnect();
  await once(child, "exit");
});
