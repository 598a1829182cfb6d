/** Writes the heads of a connection's requests (RFC 7541): a field that comes again goes as its number in the server's table. */
import { sizeOf } from "./dynamic_table.ts";
import { headersFrames } from "./frames.ts";
import { encodeField, encodeFields, encodeKept, indexed, isKept, tableSizeOf } from "./hpack_encoder.ts";
import type { PeerSettings } from "./settings.ts";
import { type Field, STATIC_FIELDS } from "./static_fields.ts";

/** Lists of fields whose bytes are remembered: as many as a run has endpoints, and more. */
const REMEMBERED = 1000;

/** A request's head. */
export interface Head {
  /** Fields that are the same each time: the list itself is what they are known by. */
  readonly fixed: readonly Field[];
  /** Fields that are of this request alone: no table keeps them. */
  readonly varying: readonly Field[];
}

/** A list's bytes while the table is as it was. */
interface Written {
  readonly entries: number;
  readonly block: Buffer;
  readonly frames: Buffer;
}

/** Fills the server's table once, and drops nothing from it: what has no room there is written out each time. */
export class HeadWriter {
  private readonly settings: PeerSettings;
  /** Bytes of the table, and those that are free. */
  private size: number;
  private room: number;
  /** When each field came into the table, by name and value. */
  private readonly places = new Map<string, number>();
  private readonly written = new Map<readonly Field[], Written>();

  constructor(settings: PeerSettings) {
    this.settings = settings;
    this.size = this.room = settings.tableSize;
  }

  /** HEADERS and, where they are long, CONTINUATION, of stream 0. They are to be sent in the order in which they are made. */
  frames({ fixed, varying }: Head): Buffer {
    if (this.settings.tableSize < this.size)
      return headersFrames(Buffer.concat([this.shrink(), encodeFields([...fixed, ...varying])]));
    const { block, frames } = this.remembered(fixed) ?? this.write(fixed);
    return varying.length === 0 ? frames : headersFrames(Buffer.concat([block, encodeFields(varying)]));
  }

  private remembered(fixed: readonly Field[]): Written | null {
    const known = this.written.get(fixed);
    return known?.entries === this.places.size ? known : null;
  }

  private write(fixed: readonly Field[]): Written {
    const entries = this.places.size;
    const block = Buffer.concat(fixed.map((field) => this.encode(field)));
    const written = { entries, block, frames: headersFrames(block) };
    if (this.written.size >= REMEMBERED) this.written.clear();
    this.written.set(fixed, written);
    return written;
  }

  private encode(field: Field): Buffer {
    if (!isKept(field)) return encodeField(field);
    const key = field.join("\0");
    const place = this.places.get(key);
    if (place !== undefined) return indexed(STATIC_FIELDS.length + this.places.size - place);
    if (sizeOf(field) > this.room) return encodeField(field);
    this.room -= sizeOf(field);
    this.places.set(key, this.places.size);
    return encodeKept(field);
  }

  /** The server wants a smaller table (4.2): it is emptied, and filled anew. Gives what the next block begins with. */
  private shrink(): Buffer {
    this.size = this.room = this.settings.tableSize;
    this.places.clear();
    this.written.clear();
    return Buffer.concat([tableSizeOf(0), tableSizeOf(this.size)]);
  }
}
