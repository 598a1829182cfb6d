/** A listening port on loopback whose connections can be reset all at once. */
import { createServer, type Socket } from "node:net";

/** What plays a service on the connections that it is given. */
export interface Service {
  accept(socket: Socket): void;
  /** Frees what it holds beside its connections. */
  close?(): void;
}

export interface Listener {
  readonly port: number;
  /** Stops listening and resets every connection, as a process does that dies. */
  slam(): Promise<void>;
  /** Listens at its port again. */
  reopen(): void;
}

/** Listens on 127.0.0.1; port 0 takes a free one. Rejects with a sentence where the port cannot be had. */
export function listen(name: string, port: number, accept: (socket: Socket) => void): Promise<Listener> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => {}); // the peer may reset; the connection's end is all there is to know
    accept(socket);
  });
  const slam = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      for (const socket of open) socket.resetAndDestroy();
    });
  const at = (wanted: number) => server.listen({ host: "127.0.0.1", port: wanted, backlog: 4096 });
  return new Promise((resolve, reject) => {
    server.on("error", (cause: NodeJS.ErrnoException) => reject(portError(name, port, cause)));
    server.once("listening", () => {
      const had = (server.address() as { port: number }).port;
      resolve({ port: had, slam, reopen: () => void at(had) });
    });
    at(port);
  });
}

function portError(name: string, port: number, cause: NodeJS.ErrnoException): Error {
  const found = cause.code === "EADDRINUSE" ? "another process listens there" : cause.message;
  const text = `stand-in ${name}: expected to listen on 127.0.0.1:${port}, but ${found}; stop that process or choose another port (0 takes a free one)`;
  return new Error(text, { cause });
}
