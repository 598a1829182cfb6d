/** The reference driver: a WebSocket of `ws`. */
import type { Socket } from "node:net";
import { WebSocket } from "ws";
import type { Ending } from "../../failure.ts";
import { connectedEvent, openSocket } from "../../socket.ts";
import { broken, closed, unopened, unswitched } from "../close.ts";
import { type Asked, CLOSE_TIMEOUT, LARGEST_MESSAGE, type Link, type Told, type Way } from "../link.ts";

export const openReferenceLink = (way: Way, asked: Asked, told: Told): Link => new ReferenceLink(way, asked, told);

class ReferenceLink implements Link {
  isConnected = false;
  private readonly told: Told;
  private readonly socket: WebSocket;
  private wire: Socket | null = null;

  constructor(way: Way, { url, headers }: Asked, told: Told) {
    this.told = told;
    this.socket = new WebSocket(url, [...way.subprotocols], {
      headers,
      perMessageDeflate: false,
      maxPayload: LARGEST_MESSAGE,
      closeTimeout: CLOSE_TIMEOUT,
      createConnection: () => this.dial(way),
    } as WebSocket.ClientOptions);
    this.listen();
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  get bytesRead(): number {
    return this.wire?.bytesRead ?? 0;
  }

  send({ data, binary }: { data: Buffer | string; binary: boolean }, written: (() => void) | null): number {
    const before = this.wire!.bytesWritten;
    this.socket.send(data, { binary }, (error) => {
      if (error) this.end(broken(error));
      else written?.();
    });
    return this.wire!.bytesWritten - before;
  }

  ping(): number {
    const before = this.wire!.bytesWritten;
    this.socket.ping();
    return this.wire!.bytesWritten - before;
  }

  close(): void {
    this.socket.close(1000);
  }

  terminate(): void {
    this.socket.terminate();
  }

  onceGone(fn: () => void): void {
    this.socket.once("close", fn);
  }

  private dial({ address, tls }: Way): Socket {
    this.wire = openSocket(address, tls);
    return this.wire.once(connectedEvent(address), () => {
      this.isConnected = true;
    });
  }

  private listen(): void {
    const { socket, told } = this;
    let isOpening = true;
    socket.on("open", () => {
      isOpening = false;
      told.opened(this.wire!.bytesWritten);
    });
    socket.on("message", (data) => told.message(data as Buffer, 0, (data as Buffer).length));
    socket.on("pong", () => told.pong());
    socket.on("unexpected-response", (_request, { statusCode = 0, statusMessage = "" }) =>
      this.end(unswitched(statusCode, statusMessage)),
    );
    socket.on("error", (error) => this.end(isOpening ? unopened(error, this.isConnected) : broken(error)));
    socket.on("close", (code, reason) => {
      told.gone();
      told.ended(closed(code, reason.toString()));
    });
  }

  /** `ws` tells the error of an opening that it is told to end, so ours comes first. */
  private end(ending: Ending): void {
    this.told.ended(ending);
    this.socket.terminate();
  }
}
