/** The opening handshake (RFC 6455 4.1 and 4.2.2). */
import { createHash, randomBytes } from "node:crypto";
import type { Ending } from "../../failure.ts";
import { Head, InvalidAnswer } from "../../wire/http1/head.ts";
import { Input } from "../../wire/http1/input.ts";
import { unswitched } from "../close.ts";
import type { Asked } from "../link.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** All but visible characters and blanks (RFC 9110 5.5). */
const UNWRITABLE = /[^\t\x20-\x7e\x80-\xff]/;

export class Handshake {
  /** In latin1. */
  readonly request: string;
  private readonly input = new Input();
  private readonly head = new Head(this.input);
  private readonly key = randomBytes(16).toString("base64");
  private readonly subprotocols: readonly string[];
  private hasStatus = false;

  /** Throws where the URL or a header cannot be written. */
  constructor(asked: Asked, subprotocols: readonly string[]) {
    this.subprotocols = subprotocols;
    this.request = written(asked, {
      "sec-websocket-version": "13",
      "sec-websocket-key": this.key,
      connection: "Upgrade",
      upgrade: "websocket",
      ...(subprotocols.length > 0 && { "sec-websocket-protocol": subprotocols.join(",") }),
    });
    this.head.begin();
  }

  /** Whether the server's answer is whole now. Throws InvalidAnswer. */
  feed(bytes: Buffer, length: number): boolean {
    this.input.feed(bytes, length);
    while (this.readHead()) {
      const { code } = this.head;
      if (code === 101 || code >= 200) return true;
      // Other informational answers are passed over (RFC 9110 15.2).
      this.hasStatus = false;
      this.input.start = this.input.at;
      this.head.begin();
    }
    this.input.hold();
    return false;
  }

  /** Why there is no WebSocket; null where there is one. Throws InvalidAnswer where the answer contradicts itself. */
  refusal(): Ending | null {
    const { code, statusText } = this.head;
    if (code !== 101) return unswitched(code, statusText);
    this.check();
    return null;
  }

  /** What came behind the answer. */
  get rest(): Buffer {
    const { bytes, at, end } = this.input;
    return bytes.subarray(at, end);
  }

  private readHead(): boolean {
    this.hasStatus ||= this.head.readStatus();
    return this.hasStatus && this.head.readLines();
  }

  /** What the answer must say (4.1, the list at its end). */
  private check(): void {
    const fields = this.head.fields();
    const found = (name: string): string | null => {
      const values = fields.values(name);
      return values.length === 0 ? null : values.join(", ");
    };
    const expect = (holds: boolean, expected: string, name: string): void => {
      const value = found(name);
      if (!holds)
        throw new InvalidAnswer(`expected ${expected}, found ${value === null ? "none" : JSON.stringify(value)}`);
    };
    expect(found("upgrade")?.toLowerCase() === "websocket", "the header upgrade: websocket", "upgrade");
    expect(/(^|,)\s*upgrade\s*(,|$)/i.test(found("connection") ?? ""), "the header connection: upgrade", "connection");
    const accepted = createHash("sha1")
      .update(this.key + GUID)
      .digest("base64");
    expect(found("sec-websocket-accept") === accepted, `sec-websocket-accept: ${accepted}`, "sec-websocket-accept");
    expect(
      found("sec-websocket-extensions") === null,
      "no extension, as none was asked for",
      "sec-websocket-extensions",
    );
    const chosen = found("sec-websocket-protocol");
    const wanted = this.subprotocols;
    if (wanted.length === 0) expect(chosen === null, "no subprotocol, as none was asked for", "sec-websocket-protocol");
    else
      expect(
        chosen !== null && wanted.includes(chosen),
        `one of the subprotocols ${wanted.join(", ")}`,
        "sec-websocket-protocol",
      );
  }
}

/** `own` headers stand before those that were asked for. */
function written({ url, headers }: Asked, own: Readonly<Record<string, string>>): string {
  const { pathname, search, host, hash } = new URL(url);
  if (hash !== "") throw new Error("the URL of a WebSocket has no fragment");
  const fields = new Map(Object.entries({ host }));
  for (const [name, value] of [...Object.entries(headers), ...Object.entries(own)]) {
    if (UNWRITABLE.test(value)) throw new Error(`invalid header ${name}`);
    fields.set(name.toLowerCase(), value);
  }
  const lines = [...fields].map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`;
}
