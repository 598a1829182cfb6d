/** For tests only: what every client must do, run against real servers that misbehave. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../core/model.ts";
import type { Client, Op, Protocol } from "../core/plugin.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { drive, lateWords, openClient, resolveService, testUser } from "./contract_driver.ts";
import { DISTRUSTED, FAULTS, type Fault, type Misbehaviours } from "./faults.ts";
import { listening } from "./loopback.ts";
import { heldBytes } from "./memory.ts";

export * from "./contract_driver.ts";

/**
 * How a server behaves to each call: answers with what it was sent; never answers; answers half and stops; answers with
 * a failure of a kind; answers with what makes no sense.
 */
export type Behaviour = "echo" | "silent" | "half" | "client-error" | "server-error" | "limited" | "garbage";

/** A real server on a port of loopback. */
export interface Stage {
  readonly port: number;
  /** Settles when the first call has come (for `half`: when half of the answer was written). */
  readonly called: Promise<void>;
  /** Settles when the server sees that a client let go of a call, or of its connection. */
  readonly letGo: Promise<void>;
  close(): Promise<void>;
}

/** What a protocol brings to the contract. */
export interface Fixture {
  readonly protocol: Protocol;
  serve(behaviour: Behaviour): Promise<Stage>;
  /** The service's config as written, of one endpoint that sends `{{user.id}}`. `address` is `127.0.0.1:port`. */
  config(address: string): object;
  /** The user's id as `echo` sent it back. */
  userOf(json: unknown): unknown;
  /** The status of an answer of each kind, as reports show it. */
  readonly statuses: Readonly<Record<"echo" | "client-error" | "server-error" | "limited", string>>;
  /** Whether each user has a connection of its own (users drive); else all share one. */
  readonly perUser: boolean;
  /** What the client makes of a system error's code met while it connects. */
  outcomeOf(code: string): Outcome;
  readonly faults?: Misbehaviours;
  /** The config of a service over TLS that trusts this authority's file only. `address` is `name:port`. */
  secure?(address: string, ca: string): object;
}

/** Stands between client and server: counts connections and can break them. */
interface Relay {
  readonly address: string;
  readonly accepted: () => number;
  readonly open: () => number;
  /** Resets every connection there is. */
  cut(): void;
  close(): Promise<void>;
}

const listen = (server: Server): Promise<number> =>
  new Promise((done) => {
    server.listen(0, "127.0.0.1", () => done((server.address() as { port: number }).port));
  });

async function relayTo(port: number): Promise<Relay> {
  const pairs = new Map<Socket, Socket>();
  let accepted = 0;
  const server = createServer((near) => {
    accepted++;
    const far = connect(port, "127.0.0.1");
    pairs.set(near, far);
    const drop = () => {
      pairs.delete(near);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.setNoDelay(true).on("error", drop).on("close", drop);
    near.pipe(far).pipe(near);
  });
  const address = `127.0.0.1:${await listen(server)}`;
  const cut = () => {
    for (const near of pairs.keys()) near.resetAndDestroy();
  };
  const close = async () => {
    cut();
    await new Promise((done) => server.close(done));
  };
  return { address, accepted: () => accepted, open: () => pairs.size, cut, close };
}

/** An address of loopback where nothing listens. */
export async function deadAddress(): Promise<string> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((done) => server.close(done));
  return `127.0.0.1:${port}`;
}

/** A process that listens and never accepts: Linux drops what its queue of one cannot hold. */
const DEAF = `const s = require("net").createServer().listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
  require("fs").writeSync(1, String(s.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

/** An address whose queue of connections is full. */
async function deafProcess(): Promise<{ address: string; close(): Promise<void> }> {
  const child = spawn(process.execPath, ["-e", DEAF], { stdio: ["ignore", "pipe", "inherit"] });
  const port = Number(String((await once(child.stdout, "data"))[0]));
  const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  await once(fillers[0]!, "connect");
  const close = async () => {
    for (const each of fillers) each.destroy();
    child.kill("SIGKILL");
  };
  return { address: `127.0.0.1:${port}`, close };
}

/** Waits until `fact` holds; fails after five seconds, saying what did not come true. */
export async function until(what: string, fact: () => boolean): Promise<void> {
  for (const end = performance.now() + 5000; !fact(); await new Promise((turn) => setTimeout(turn, 5)))
    if (performance.now() > end) throw new Error(`waited 5 s in vain: ${what}`);
}

/** Bytes that a call may hold, however much is answered: less than a third of what `huge_content` sends. */
const MOST_HELD = 16 * 1024 * 1024;

/** Takes what is held at the end of a call beyond what was held before it. */
function holdings() {
  const before = heldBytes();
  let most = Number.POSITIVE_INFINITY;
  const atEnd = () => {
    most = heldBytes() - before;
  };
  return { atEnd, most: () => most };
}

/** What keeps the process alive, but for the test runner's own. */
const handles = () =>
  process.getActiveResourcesInfo().filter((name) => /^(TCP|TLS|Timeout|GetAddrInfo)/i.test(name)).length;

/** The contract of all clients, as tests of one. */
export function describeClient(name: string, fixture: Fixture): void {
  describe(`${name} keeps the contract of clients`, () => {
    const closing: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
      expect(lateWords.splice(0)).toEqual([]);
    });

    const openAt = async (address: string, more: object = {}): Promise<{ client: Client; op: Op }> => {
      const client = await openClient(fixture.protocol, { ...fixture.config(address), ...more });
      closing.push(() => client.close());
      return { client, op: client.ops[0]! };
    };
    const scene = async (behaviour: Behaviour) => {
      const stage = await fixture.serve(behaviour);
      closing.push(stage.close);
      const relay = await relayTo(stage.port);
      closing.push(relay.close);
      return { stage, relay, ...(await openAt(relay.address)) };
    };

    test("an answered call is ok, and counts the bytes of both ways", async () => {
      const { op } = await scene("echo");
      const seen = await drive(op, testUser(7));
      expect(seen).toMatchObject({ outcome: "ok", status: fixture.statuses.echo, message: "" });
      expect(fixture.userOf(seen.json)).toBe("user-7");
      expect(seen.order.filter((word) => word === "end")).toEqual(["end"]);
      expect(seen.sent).toBeGreaterThan(0);
      expect(seen.received).toBeGreaterThan(0);
      expect(seen.size).toBeGreaterThan(0);
    });

    test("where nothing listens a call is refused, at once and each time", async () => {
      const { op } = await openAt(await deadAddress());
      for (let i = 0; i < 3; i++) {
        const seen = await drive(op, testUser(0), { timeout: 4000 });
        expect(seen.outcome).toBe("refused");
        expect(seen.message).not.toBe("");
      }
    });

    test("a call that is never answered is let go when its time is up, and the server sees it go", async () => {
      const { op, stage } = await scene("silent");
      const seen = await drive(op, testUser(0), { timeout: 300 });
      expect(seen.outcome).toBe("timeout");
      await stage.letGo;
    });

    test("a call that the end of the run cuts is let go, and the server sees it go", async () => {
      const { op, stage } = await scene("silent");
      const end = new AbortController();
      const seen = drive(op, testUser(0), { signal: end.signal });
      await stage.called;
      end.abort();
      expect((await seen).outcome).toBe("aborted");
      await stage.letGo;
    });

    test.each(["silent", "half"] as const)("a connection lost under a %s server is a reset", async (behaviour) => {
      const { op, stage, relay } = await scene(behaviour);
      const seen = drive(op, testUser(0));
      await stage.called;
      relay.cut();
      expect(await seen).toMatchObject({ outcome: "reset" });
      expect((await seen).message).not.toBe("");
    });

    test("after a lost connection the next call has a new one", async () => {
      const { op, relay } = await scene("echo");
      const user = testUser(0);
      expect(await drive(op, user)).toMatchObject({ outcome: "ok" });
      relay.cut();
      await until("the relay lets go of its connections", () => relay.open() === 0);
      const calls: Outcome[] = [];
      for (let i = 0; i < 3; i++) calls.push((await drive(op, user)).outcome);
      expect(calls.at(-1)).toBe("ok");
      expect(relay.accepted()).toBe(2);
    });

    test.each(["client-error", "server-error", "limited"] as const)("the server's %s is told as such", async (kind) => {
      const { op } = await scene(kind);
      expect(await drive(op, testUser(0))).toMatchObject({ outcome: kind, status: fixture.statuses[kind] });
    });

    test("an answer that makes no sense is invalid", async () => {
      const { op } = await scene("garbage");
      expect(await drive(op, testUser(0))).toMatchObject({ outcome: "invalid" });
    });

    test("a user's calls go over one connection, and close leaves none", async () => {
      const { op, relay, client } = await scene("echo");
      const users = [testUser(0), testUser(1)];
      for (let i = 0; i < 5; i++) for (const user of users) expect((await drive(op, user)).outcome).toBe("ok");
      expect(relay.accepted()).toBe(fixture.perUser ? 2 : 1);
      await client.close();
      await until("no connection is left", () => relay.open() === 0);
    });

    test("releasing a user closes that user's connection and no other", async () => {
      const { op, relay, client } = await scene("echo");
      const [first, second] = [testUser(0), testUser(1)];
      for (const user of [first, second]) await drive(op, user);
      client.release(first);
      await until("the first user's connection is gone", () => relay.open() === 1);
      expect(await drive(op, second)).toMatchObject({ outcome: "ok" });
      expect(relay.accepted()).toBe(fixture.perUser ? 2 : 1);
    });

    test("users who call at the same time get their own answers", async () => {
      const { op } = await scene("echo");
      await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          const user = testUser(index);
          for (let i = 0; i < 10; i++) expect(fixture.userOf((await drive(op, user)).json)).toBe(user.id);
        }),
      );
    });

    test("nothing that keeps the process alive is left of calls cut and a client closed", async () => {
      const before = handles();
      const stage = await fixture.serve("silent");
      const { op, client } = await openAt(`127.0.0.1:${stage.port}`);
      await drive(op, testUser(0), { timeout: 100 });
      await client.close();
      await stage.close();
      await until("the handles are as before", () => handles() <= before);
    });

    test.each(["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS"])("%s is this machine's limit: unsent", (code) => {
      expect(fixture.outcomeOf(code)).toBe("unsent");
    });

    test.each(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH"])("%s is a refusal", (code) => {
      expect(fixture.outcomeOf(code)).toBe("refused");
    });

    const { faults } = fixture;
    const known = Object.keys(FAULTS).filter((fault) => faults?.[fault as Fault]) as Fault[];
    test.each(known.map((fault): [string, Fault] => [FAULTS[fault][0], fault]))(
      "a server that %s",
      async (_what, fault) => {
        const [, ...outcomes]: readonly string[] = FAULTS[fault];
        const { serve, status } = faults![fault]!;
        const server = await serve();
        closing.push(server.close);
        const { op, client } = await openAt(server.address);
        const timeout = fault === "slow_content" ? 300 : 10_000;
        const holding = fault === "huge_content" ? holdings() : null;
        const seen = await drive(op, testUser(0), { timeout, ...holding });
        expect(holding?.most() ?? 0).toBeLessThan(MOST_HELD);
        expect(outcomes, `${seen.outcome} ${seen.status} ${seen.message}`).toContain(seen.outcome);
        expect(seen.status).toMatch(status);
        if (!["ok", "timeout"].includes(seen.outcome)) expect(seen.message).not.toBe("");
        await client.close();
        await until("no connection is left", () => server.open() === 0);
      },
    );

    test("a name that nobody knows is refused", async () => {
      const { op } = await openAt("no-such-host.invalid:80");
      const seen = await drive(op, testUser(0), { timeout: 10_000 });
      expect(seen.outcome).toBe("refused");
      expect(seen.message).not.toBe("");
    });

    test.runIf(process.platform === "linux")(
      "where a handshake of TCP is not answered a call is refused after connect_timeout",
      async () => {
        const deaf = await deafProcess();
        closing.push(deaf.close);
        const { op } = await openAt(deaf.address, { connect_timeout: "300ms" });
        const seen = await drive(op, testUser(0), { timeout: 10_000 });
        expect(seen.outcome).toBe("refused");
        expect(seen.message).toContain("300 ms");
      },
    );

    test("a probe finds a service that is there, and says of one that is not where it looked", async () => {
      const { relay } = await scene("echo");
      const serviceAt = (address: string) => resolveService(fixture.protocol, "service", fixture.config(address));
      await fixture.protocol.probe(await serviceAt(relay.address), AbortSignal.timeout(5000));
      const dead = await deadAddress();
      const probe = fixture.protocol.probe(await serviceAt(dead), AbortSignal.timeout(5000));
      await expect(probe).rejects.toThrow(dead);
    });
  });

  describe.runIf(fixture.secure !== undefined)(`${name} over TLS`, () => {
    let certificates: Certificates;
    beforeAll(() => {
      certificates = makeCertificates();
    });
    afterAll(() => certificates.remove());

    test("refuses after connect_timeout where a handshake of TLS is not answered, and lets the connection go", async () => {
      const server = await listening(createServer((socket) => void socket.resume()));
      const config = fixture.secure!(server.address, certificates.authority.cert);
      const client = await openClient(fixture.protocol, { ...config, connect_timeout: "200ms" });
      const seen = await drive(client.ops[0]!, testUser(0), { timeout: 10_000 });
      expect(seen.outcome).toBe("refused");
      expect(seen.message).toContain("200 ms");
      await client.close();
      await until("the connection is let go", () => server.open() === 0);
      await server.close();
    });

    test.each(DISTRUSTED)("refuses a server whose certificate is %s", async (which) => {
      const server =
        which === "none"
          ? createServer((socket) => void socket.end("220 smtp.example.com ESMTP\r\n"))
          : createTlsServer(certificates[which].pem, (socket) => void socket.on("error", () => {}));
      const { port, close } = await listening(server);
      const client = await openClient(
        fixture.protocol,
        fixture.secure!(`localhost:${port}`, certificates.authority.cert),
      );
      const seen = await drive(client.ops[0]!, testUser(0));
      await client.close();
      await close();
      expect(seen.outcome).toBe("refused");
      expect(seen.message).not.toBe("");
    });
  });
}
