/** A growing buffer of varints (LEB128) and little-endian float64. */
export class ByteWriter {
  private buffer = new Uint8Array(1024);
  private view = new DataView(this.buffer.buffer);
  private length = 0;

  /** Appends a whole number from 0 to 2^53 - 1; anything else is a RangeError. */
  varint(value: number): void {
    this.reserve(8);
    if ((value & 0x7f) === value) {
      this.buffer[this.length++] = value;
      return;
    }
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`expected a whole number, found ${value}`);
    let left = value;
    while (left >= 0x80) {
      this.buffer[this.length++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    this.buffer[this.length++] = left;
  }

  float(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** A whole number of 16 bits. */
  short(value: number): void {
    this.reserve(2);
    this.view.setUint16(this.length, value, true);
    this.length += 2;
  }

  /** Seven digits of a number; a whole one with all of its digits. */
  brief(value: number): void {
    const all = Math.fround(value) !== value && (Number.isInteger(value) || Number.isNaN(value));
    this.reserve(4);
    this.view.setFloat32(this.length, all ? Number.NaN : value, true);
    this.length += 4;
    if (all) this.float(value);
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  get position(): number {
    return this.length;
  }

  /** A copy of what was written so far. */
  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const larger = new Uint8Array(2 * Math.max(this.buffer.length, more));
    larger.set(this.buffer);
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** Reads what ByteWriter wrote; every step past the end is a RangeError. */
export class ByteReader {
  private at = 0;
  /** What is read. */
  readonly octets: Uint8Array;
  private readonly view: DataView;
  private room: number;

  /** `room` is the memory, in bytes, that what is read from it may take in all. */
  constructor(bytes: Uint8Array, room = Number.POSITIVE_INFINITY) {
    this.octets = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.room = room;
  }

  /** Takes memory for what was read; a RangeError where there is no room left. */
  take(bytes: number): void {
    this.room -= bytes;
    if (this.room < 0) throw new RangeError("more than fits in memory");
  }

  get roomLeft(): number {
    return this.room;
  }

  /** The bytes from a place that was passed before to here. */
  since(start: number): Uint8Array {
    return new Uint8Array(this.view.buffer, this.view.byteOffset + start, this.at - start);
  }

  get position(): number {
    return this.at;
  }

  /** Goes on from another place. */
  seek(position: number): void {
    this.at = position;
  }

  get done(): boolean {
    return this.at >= this.view.byteLength;
  }

  varint(): number {
    const first = this.octets[this.at]!;
    if (first < 0x80) {
      this.at++;
      return first;
    }
    return this.longVarint();
  }

  private longVarint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.view.getUint8(this.at++);
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError("varint too long");
      if (byte < 0x80) return value;
      if (scale === 2 ** 49) throw new RangeError("varint too long");
    }
  }

  float(): number {
    const value = this.view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  short(): number {
    const value = this.view.getUint16(this.at, true);
    this.at += 2;
    return value;
  }

  /** What was written by `brief`. */
  brief(): number {
    const value = this.view.getFloat32(this.at, true);
    this.at += 4;
    return Number.isNaN(value) ? this.float() : value;
  }
}
