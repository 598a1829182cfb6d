/** The connections of a channel, to be closed with it. */
import type { Socket } from "node:net";
import type { ChannelCredentials } from "@grpc/grpc-js";

/**
 * grpc-js itself keeps, of a channel that was closed, a handshake that is not answered and tries it again, and keeps the
 * connection of a server that broke HTTP/2 and does not hang up.
 */
export class Wires {
  private readonly open = new Set<Socket>();
  private closed = false;

  /** The credentials, which note every connection made under them. */
  noted(credentials: ChannelCredentials): ChannelCredentials {
    const _createSecureConnector: ChannelCredentials["_createSecureConnector"] = (...words) => {
      const connector = credentials._createSecureConnector(...words);
      const connect: typeof connector.connect = async (socket) => {
        if (this.closed) throw new Error("the channel is closed");
        this.open.add(socket.once("close", () => this.open.delete(socket)));
        return connector.connect(socket);
      };
      return Object.assign(Object.create(connector), { connect });
    };
    return Object.assign(Object.create(credentials), { _createSecureConnector });
  }

  /** What the channel still has to say in this turn is said. */
  close(): void {
    this.closed = true;
    process.nextTick(() => {
      for (const socket of this.open) socket.destroy();
    });
  }
}
