/** Reads header blocks (RFC 7541): one decoder a connection, as each block may change what the next ones mean. */
import { DynamicTable, sizeOf, TABLE_SIZE } from "./dynamic_table.ts";
import { ErrorCode, ProtocolError } from "./errors.ts";
import { Fields } from "./fields.ts";
import { huffmanDecode } from "./huffman.ts";
import { type Field, STATIC_FIELDS } from "./static_fields.ts";

/** Blocks that are remembered: heads and trailers of two kinds of answers. */
const REMEMBERED = 4;
/** No length or index is larger. */
const MOST = 2 ** 28;

/** A block that changed nothing, and what it meant while the table was of this generation. */
interface Remembered {
  readonly bytes: Buffer;
  readonly generation: number;
  readonly fields: Fields;
}

const broken = (what: string): ProtocolError => new ProtocolError(ErrorCode.COMPRESSION_ERROR, what);

export class HeaderDecoder {
  private readonly table: DynamicTable;
  private readonly tableSize: number;
  private readonly maxListSize: number;
  private readonly remembered: Remembered[] = [];
  private oldest = 0;
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private to = 0;

  /** `maxListSize`: bytes of a block's fields, as the table counts them. `tableSize` is the most that the peer may use. */
  constructor(maxListSize: number, tableSize = TABLE_SIZE) {
    this.maxListSize = maxListSize;
    this.tableSize = tableSize;
    this.table = new DynamicTable(tableSize);
  }

  /** Throws a ProtocolError where the block cannot be read, or is too large: the connection is of no use then. */
  decode(bytes: Buffer, from: number, to: number): Fields {
    const known = this.recall(bytes, from, to);
    if (known !== null) return known;
    const { generation } = this.table;
    const fields = this.decodeNew(bytes, from, to);
    if (this.table.generation === generation)
      this.remember({ bytes: Buffer.from(bytes.subarray(from, to)), generation, fields });
    return fields;
  }

  /** The dynamic table, newest first. */
  entries(): Field[] {
    return this.table.entries();
  }

  /** Most answers have the same heads and trailers: a look at their bytes costs a tenth of reading them. */
  private recall(bytes: Buffer, from: number, to: number): Fields | null {
    for (const known of this.remembered) {
      if (known.generation !== this.table.generation || known.bytes.length !== to - from) continue;
      let at = 0;
      while (at < known.bytes.length && known.bytes[at] === bytes[from + at]) at++;
      if (at === known.bytes.length) return known.fields;
    }
    return null;
  }

  private remember(block: Remembered): void {
    this.remembered[this.oldest] = block;
    this.oldest = (this.oldest + 1) % REMEMBERED;
  }

  private decodeNew(bytes: Buffer, from: number, to: number): Fields {
    this.bytes = bytes;
    this.at = from;
    this.to = to;
    const fields: Field[] = [];
    let size = 0;
    while (this.at < to) {
      const field = this.next(fields.length === 0);
      if (field === null) continue;
      size += sizeOf(field);
      if (size > this.maxListSize)
        throw new ProtocolError(ErrorCode.ENHANCE_YOUR_CALM, `headers of more than ${this.maxListSize} bytes`);
      fields.push(field);
    }
    return new Fields(fields);
  }

  /** One representation (RFC 7541 6); null for a change of the table's size. */
  private next(first: boolean): Field | null {
    const octet = this.bytes[this.at]!;
    if (octet >= 0x80) return this.field(this.integer(7)); // 6.1 indexed
    if (octet >= 0x40) {
      const field = this.literal(6); // 6.2.1 with incremental indexing
      this.table.add(field);
      return field;
    }
    if (octet < 0x20) return this.literal(4); // 6.2.2 without indexing, 6.2.3 never indexed
    if (!first) throw broken("a change of the table's size after the first field"); // 4.2
    const size = this.integer(5); // 6.3
    if (size > this.tableSize) throw broken(`a table of ${size} bytes where ${this.tableSize} were agreed`);
    this.table.resize(size);
    return null;
  }

  private field(index: number): Field {
    const field =
      index <= STATIC_FIELDS.length ? STATIC_FIELDS[index - 1] : this.table.at(index - STATIC_FIELDS.length - 1);
    if (field === undefined) throw broken(`a header field of index ${index}, which there is not`); // 2.3.3
    return field;
  }

  private literal(prefix: number): Field {
    const index = this.integer(prefix);
    const name = index === 0 ? this.string() : this.field(index)[0];
    return [name, this.string()];
  }

  /** RFC 7541 5.1. */
  private integer(prefix: number): number {
    const most = 2 ** prefix - 1;
    let value = this.octet() & most;
    if (value < most) return value;
    for (let scale = 1; ; scale *= 0x80) {
      const octet = this.octet();
      value += (octet & 0x7f) * scale;
      if (value > MOST || scale > MOST) throw broken("a number too large");
      if (octet < 0x80) return value;
    }
  }

  /** RFC 7541 5.2. */
  private string(): string {
    if (this.at >= this.to) throw broken("a header block that ends within a field");
    const isHuffman = this.bytes[this.at]! >= 0x80;
    const length = this.integer(7);
    const from = this.at;
    const to = from + length;
    if (to > this.to) throw broken("a header block that ends within a field");
    this.at = to;
    return isHuffman ? huffmanDecode(this.bytes, from, to) : this.bytes.toString("latin1", from, to);
  }

  private octet(): number {
    if (this.at >= this.to) throw broken("a header block that ends within a field");
    return this.bytes[this.at++]!;
  }
}
