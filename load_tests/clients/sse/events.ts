/** Server-sent events (WHATWG HTML 9.2) out of chunks that may be cut anywhere, within a line or a character too. */

/** Characters of one event's data: no model sends as many, and a server that never ends a line must not fill memory. */
export const LARGEST_EVENT = 1024 * 1024;

export interface ServerEvent {
  /** `message` where the server names none. */
  readonly type: string;
  readonly data: string;
}

export class EventStream {
  private readonly decoder = new TextDecoder(); // drops a byte order mark at the start
  private readonly onEvent: (event: ServerEvent) => void;
  private line = "";
  private data: string[] = [];
  private length = 0;
  private type = "";
  /** The last chunk ended with CR: an LF that follows belongs to it. */
  private afterReturn = false;

  /** `onEvent` is called for each event at the chunk that completes it. */
  constructor(onEvent: (event: ServerEvent) => void) {
    this.onEvent = onEvent;
  }

  /** Throws an Error with a sentence where an event is larger than anything that makes sense. */
  push(chunk: Buffer): void {
    const text = this.decoder.decode(chunk, { stream: true });
    if (text === "") return;
    let start = this.afterReturn && text[0] === "\n" ? 1 : 0;
    this.afterReturn = text.endsWith("\r");
    for (const { index, 0: end } of text.matchAll(/\r\n|\n|\r/g)) {
      if (index < start) continue;
      this.take(text.slice(start, index));
      this.endLine();
      start = index + end.length;
    }
    this.take(text.slice(start));
  }

  private take(part: string): void {
    this.length += part.length;
    if (this.length > LARGEST_EVENT)
      throw new Error(`expected events of at most ${LARGEST_EVENT} characters, found a longer one`);
    this.line += part;
  }

  private endLine(): void {
    const { line } = this;
    this.line = "";
    if (line === "") this.dispatch();
    else this.read(line);
  }

  private read(line: string): void {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.data.push(value);
    else if (field === "event") this.type = value;
    else this.length -= line.length; // comments, ids and retry times are passed over
  }

  private dispatch(): void {
    const { data, type } = this;
    this.data = [];
    this.type = "";
    this.length = 0;
    if (data.length > 0) this.onEvent({ type: type || "message", data: data.join("\n") });
  }
}
