/**
 * Runs every endpoint's code a few times before the load, against a socket of our own that never answers: the first users
 * are then not late because the engine compiles, loads and connects for the first time. Nothing goes to the services.
 */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Ms, Service } from "../core/model.ts";
import type { Call, Client, ClientHost, Op, Protocol, User } from "../core/plugin.ts";
import { randomStream } from "../core/random.ts";
import type { Values } from "../core/template.ts";
import { Recorder } from "./recorder.ts";
import type { Sample } from "./sample.ts";

const ROUNDS = 3;
/** Three seconds of them, and more than histograms keep as they come. */
const RECORDED_CALLS = 300;
/** Time for connections to be had and requests to be written, after each round. */
const SETTLE: Ms = 15;

/** The service's address with the port of our own socket in its place. */
const atPort = (host: string, port: number): string => `${/^\w+:\/\//.exec(host)?.[0] ?? ""}127.0.0.1:${port}`;

/** Opens clients of their own and throws them away. Never rejects: what fails here will tell in the run. */
export async function rehearse(
  services: readonly Service[],
  protocols: readonly Protocol[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const sink = await openSink();
  const host: ClientHost = { drive: "users", secret: () => {}, rehearsal: true };
  const opened = services.map(async (service) => {
    const protocol = protocols.find(({ kind }) => kind === service.protocol)!;
    return protocol.open({ ...service, host: atPort(service.host, sink.port), connectTimeout: SETTLE }, host);
  });
  const clients = (await Promise.allSettled(opened)).flatMap((each) =>
    each.status === "fulfilled" ? [each.value] : [],
  );
  for (let round = 0; round < ROUNDS; round++) await playRound(clients, env, round);
  sink.close();
  await Promise.allSettled(clients.map((client) => client.close()));
}

async function playRound(
  clients: readonly Client[],
  env: Readonly<Record<string, string>>,
  round: number,
): Promise<void> {
  const calls: Call[] = [];
  const user: User = { index: round, id: `rehearsal-${round}`, random: randomStream(0, round), slots: new Map() };
  const values = { user, run: { id: "rehearsal" }, iteration: round, env, random: user.random, now: 0 };
  for (const client of clients) for (const op of client.ops) calls.push(startQuietly(op, user, values));
  await pause(SETTLE);
  for (const call of calls) call.onAbort?.();
  for (const client of clients) client.release(user);
}

const RECORDED: Sample = {
  ...{ op: 0, phase: 0, due: 0.5, start: 0.5, ended: 1.5, outcome: "ok", status: "200", message: "" },
  ...{ sentBytes: 1, receivedBytes: 1, items: 1, first: 1.5, last: 1.5, values: null, checked: 1, excerpt: () => "" },
};

/**
 * Records a few seconds with nothing to measure. What V8 compiles before the first second is told counts on it that no
 * second ever is: it would throw that away at the first one, and compile it again while the load waits. To be called after the
 * last whole collection, which forgets it.
 */
export function rehearseRecording(): void {
  const recorder = new Recorder({
    metrics: [{ names: ["first"], first: 0, gap: -1, extra: 1 }],
    phases: [{ name: "rehearsal", start: 0, duration: 1000, measured: true }],
    ...{ slos: [], gauges: () => ({ users: 0, inFlight: 0, cpu: 0 }), flush: () => {} },
  });
  for (let i = 0; i < RECORDED_CALLS; i++) {
    recorder.tick(0.5, 0);
    recorder.add({ ...RECORDED, ended: 1.5 + 10 * i });
  }
  recorder.finish(1.5 + 10 * RECORDED_CALLS);
}

function startQuietly(op: Op, user: User, values: Values): Call {
  const nothing = () => {};
  const call: Call = {
    timeout: 1000,
    begun: 0,
    now: () => 0,
    onAbort: null,
    sent: nothing,
    received: nothing,
    item: nothing,
    span: 0,
    mark: nothing,
    value: nothing,
    at: nothing,
    end: () => {
      call.onAbort = null;
    },
  };
  try {
    op.start(user, values, call);
  } catch {
    call.onAbort = null;
  }
  return call;
}

interface Sink {
  readonly port: number;
  close(): void;
}

/** Accepts and says nothing. */
async function openSink(): Promise<Sink> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket
      .on("error", () => {})
      .on("close", () => sockets.delete(socket))
      .resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
