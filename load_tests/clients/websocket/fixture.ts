/** For tests only: WebSocket servers on loopback, well-behaved and not. */
import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Behaviour, Stage } from "../contract.ts";
import { deferred, listening, type TestServer } from "../loopback.ts";

/** One connection as the server sees it. */
export interface Peer {
  readonly socket: WebSocket;
  /** Below the frames, to write what is none. */
  readonly wire: Socket;
  readonly request: IncomingMessage;
}

export interface Play {
  readonly opened?: (peer: Peer) => void;
  readonly message?: (peer: Peer, text: string, raw: { data: Buffer; binary: boolean }) => void;
  readonly closed?: (code: number) => void;
}

/** A server that accepts every upgrade and then does as `play` says. */
export async function webSocketServer({ opened, message, closed }: Play, subprotocol?: string): Promise<TestServer> {
  const http = createServer();
  const handleProtocols = subprotocol === undefined ? undefined : () => subprotocol;
  const server = new WebSocketServer({ server: http, ...(handleProtocols && { handleProtocols }) });
  server.on("connection", (socket, request) => {
    const peer = { socket, wire: request.socket, request };
    socket.on("error", () => {}).on("close", (code) => closed?.(code));
    socket.on("message", (data: RawData, binary) => message?.(peer, String(data), { data: data as Buffer, binary }));
    opened?.(peer);
  });
  const listened = await listening(http);
  return {
    ...listened,
    close: async () => void (await Promise.all([listened.close(), new Promise((done) => server.close(done))])),
  };
}

const CLOSE_OF = { "client-error": 4404, "server-error": 1011, limited: 1013 } as const;

/** The contract's server: messages come back as they are. */
export async function serveWebSocket(behaviour: Behaviour): Promise<Stage> {
  const called = deferred();
  const letGo = deferred();
  const message: Play["message"] = ({ socket, wire }, text) => {
    if (behaviour === "echo") socket.send(text);
    else if (behaviour === "half") wire.write(Buffer.from([0x81, 20, 0x68]));
    else if (behaviour === "garbage") wire.write("220 smtp.example.com ESMTP\r\n");
    else if (behaviour !== "silent") socket.close(CLOSE_OF[behaviour], "told so");
    called.resolve();
  };
  const { port, close } = await webSocketServer({ message, closed: letGo.resolve });
  return { port, called: called.promise, letGo: letGo.promise, close };
}
