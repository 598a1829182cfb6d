/** For tests only: servers on loopback that know their connections. */
import type { Server, Socket } from "node:net";

export interface TestServer {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly port: number;
  /** Connections that came, and those that are open. */
  readonly accepted: () => number;
  readonly open: () => number;
  close(): Promise<void>;
}

/** Listens and follows its connections; close resets those that are left. */
export async function listening(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on("connection", (socket: Socket) => {
    accepted++;
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((done) => server.close(done));
  };
  return { address: `127.0.0.1:${port}`, port, accepted: () => accepted, open: () => sockets.size, close };
}

export interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
}

export function deferred(): Deferred {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
