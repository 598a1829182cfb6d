/** The fields that a connection has seen, newest first (RFC 7541 2.3.2, 4). */
import type { Field } from "./static_fields.ts";

/** Bytes of the tables that both sides begin with (RFC 9113 6.5.2); we ask for no other. */
export const TABLE_SIZE = 4096;
/** What a field counts beside its octets (RFC 7541 4.1). */
const OVERHEAD = 32;

export const sizeOf = ([name, value]: Field): number => name.length + value.length + OVERHEAD;

export class DynamicTable {
  /** Changes with everything that changes what an index means. */
  generation = 0;
  size = 0;
  private limit: number;
  private readonly fields: Field[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The field of an index, from 0, the newest. */
  at(index: number): Field | undefined {
    return this.fields[this.fields.length - 1 - index];
  }

  /** One that is larger than the table empties it (RFC 7541 4.4). */
  add(field: Field): void {
    this.generation++;
    const size = sizeOf(field);
    this.evict(this.limit - size);
    if (size > this.limit) return;
    this.fields.push(field);
    this.size += size;
  }

  resize(limit: number): void {
    this.generation++;
    this.limit = limit;
    this.evict(limit);
  }

  /** Newest first. */
  entries(): Field[] {
    return this.fields.toReversed();
  }

  private evict(limit: number): void {
    let gone = 0;
    while (this.size > limit && gone < this.fields.length) this.size -= sizeOf(this.fields[gone++]!);
    if (gone > 0) this.fields.splice(0, gone);
  }
}
