/** One connection that speaks HTTP/2 where the server agrees to it (ALPN): at most one exchange at a time. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Address } from "../address.ts";
import { codeOf, connectFailure, connectTimeout, type Ending } from "../failure.ts";
import { RawFields } from "./answer_fields.ts";
import type { AnswerHead, Carried } from "./carried.ts";
import { Connection } from "./connection.ts";
import { dial } from "./dial.ts";
import type { Hub, Lane } from "./lane.ts";
import { invalidRequest } from "./lost.ts";
import type { HttpRequest } from "./request.ts";

export class Http2Connection {
  /** For `Call.onAbort`. */
  readonly abort = (): void => {
    const exchange = this.release();
    void this.destroy();
    exchange?.cut();
  };
  private readonly address: Address;
  private readonly hub: Hub;
  private readonly lane: Lane;
  private session: ClientHttp2Session | null = null;
  private socket: Socket | null = null;
  private exchange: Carried | null = null;
  /** As far as they were told to calls. */
  private bytesRead = 0;
  private bytesWritten = 0;

  constructor(address: Address, hub: Hub, lane: Lane) {
    this.address = address;
    this.hub = hub;
    this.lane = lane;
    hub.all.add(this);
  }

  leadsTo({ authority, secure }: Address): boolean {
    return authority === this.address.authority && secure === this.address.secure;
  }

  /** Where its session is gone it dials anew. */
  mayServe(): boolean {
    return true;
  }

  start(exchange: Carried): void {
    this.exchange = exchange;
    exchange.call.onAbort = this.abort;
    if (this.session === null || this.session.closed || this.session.destroyed) this.dial(exchange);
    else this.send(exchange, this.session, true);
  }

  /** An exchange under way is forgotten. */
  async destroy(): Promise<void> {
    this.exchange = null;
    this.hub.all.delete(this);
    this.session?.destroy();
    this.socket?.destroy();
  }

  private dial(exchange: Carried): void {
    let pending = true;
    const first = dial(this.address, this.hub.roads, {
      reached: () => exchange.mark("connect"),
      ready: (socket) => {
        if (!pending) return;
        pending = false;
        exchange.mark("tls");
        this.socket = socket;
        this.agree(exchange, socket as TLSSocket);
      },
      fail: (error) => {
        if (!pending) return;
        pending = false;
        this.fail(connectFailure(error));
      },
    });
    this.socket = first;
    this.session = null;
    const { connectTimeout: limit } = this.hub;
    if (limit >= exchange.call.timeout) return;
    exchange.call.at(limit, () => {
      if (pending && this.socket === first) this.fail(connectTimeout(this.address.authority, limit));
    });
  }

  private agree(exchange: Carried, socket: TLSSocket): void {
    if (this.exchange !== exchange) socket.destroy();
    else if (socket.alpnProtocol === "h2") this.open(exchange, socket);
    else {
      this.hub.all.delete(this);
      new Connection(this.address, this.hub, this.lane, socket).start(exchange);
    }
  }

  private open(exchange: Carried, socket: TLSSocket): void {
    this.bytesRead = this.bytesWritten = 0;
    const session = connect(`https://${this.address.authority}`, { createConnection: () => socket });
    this.session = session.on("error", () => {});
    this.hub.keepsConnections = true;
    this.send(exchange, session, false);
  }

  private send(exchange: Carried, session: ClientHttp2Session, reused: boolean): void {
    exchange.connected(reused);
    const request = exchange.outgoing();
    try {
      const stream = session.request(headersOf(request, this.address), { endStream: request.body === null });
      this.follow(exchange, stream);
      if (request.body !== null) stream.end(request.body);
    } catch (error) {
      this.release();
      this.lane.give(this);
      exchange.fail(invalidRequest(error as Error));
    }
  }

  private follow(exchange: Carried, stream: ClientHttp2Stream): void {
    let whole = false;
    let broken: Error | null = null;
    const current = (act: () => void) => () => {
      if (this.exchange === exchange) act();
    };
    stream
      .on("response", (headers) => current(() => exchange.head(headOf(headers)))())
      .on("data", (chunk: Buffer) => current(() => this.take(exchange, chunk))())
      .on("end", () => {
        whole = true;
      })
      .on("error", (error: Error) => {
        broken = error;
      })
      .on(
        "close",
        current(() => {
          this.count(exchange);
          if (whole && stream.rstCode === constants.NGHTTP2_NO_ERROR && broken === null) this.finish(exchange);
          else this.fail(lostStream(stream, broken));
        }),
      );
  }

  private take(exchange: Carried, chunk: Buffer): void {
    const ended = exchange.data(chunk, 0, chunk.length);
    if (ended !== null) this.fail(ended);
  }

  private finish(exchange: Carried): void {
    this.release();
    this.lane.give(this);
    exchange.complete();
  }

  private fail(ending: Ending): void {
    const exchange = this.release();
    void this.destroy();
    exchange?.fail(ending);
  }

  private release(): Carried | null {
    const { exchange } = this;
    this.exchange = null;
    return exchange;
  }

  private count({ call }: Carried): void {
    const { bytesRead, bytesWritten } = this.socket!;
    call.sent(bytesWritten - this.bytesWritten);
    call.received(bytesRead - this.bytesRead);
    this.bytesRead = bytesRead;
    this.bytesWritten = bytesWritten;
  }
}

/** The stream ended before its answer was whole. */
function lostStream({ rstCode = 0 }: ClientHttp2Stream, error: Error | null): Ending {
  const code = error === null ? "CLOSED" : codeOf(error);
  const message = error?.message ?? "the server ended the stream before its answer was whole";
  if (code === "ERR_HTTP2_SESSION_ERROR") return { outcome: "reset", status: expelledBy(message), message };
  if (code === "ERR_HTTP2_ERROR") return { outcome: "invalid", status: "INVALID_ANSWER", message };
  const status = code === "ERR_HTTP2_STREAM_ERROR" ? `RST_STREAM_${rstCode}` : code;
  return { outcome: "reset", status, message };
}

/** The code of the server's GOAWAY, which Node has in its words alone. */
const expelledBy = (words: string): string => `GOAWAY_${/\d+$/.exec(words)?.[0] ?? ""}`;

function headersOf({ method, path, headers: { pairs } }: HttpRequest, { authority }: Address): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = { ":method": method, ":path": path, ":authority": authority };
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i]! === "host" ? ":authority" : pairs[i]!;
    fields[name] = pairs[i + 1]!;
  }
  return fields;
}

function headOf(headers: Readonly<Record<string, unknown>>): AnswerHead {
  const pairs = Object.entries(headers)
    .filter(([name]) => !name.startsWith(":"))
    .flatMap(([name, value]) => [value].flat().flatMap((each) => [Buffer.from(name), Buffer.from(String(each))]));
  const fields = new RawFields(pairs);
  const setsCookies = headers["set-cookie"] !== undefined;
  const isEncoded = headers["content-encoding"] !== undefined;
  return { code: Number(headers[":status"]), statusText: "", setsCookies, isEncoded, fields: () => fields };
}
