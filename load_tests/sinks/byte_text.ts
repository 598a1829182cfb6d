/** Text as bytes, part by part: to join strings and to encode the whole takes three times as long. */

const FIRST_BYTES = 512 * 1024;
/** No UTF-16 unit takes more bytes. */
const MOST_BYTES_A_UNIT = 3;
const ZERO = 0x30;
const POINT = 0x2e;

/** Where a part of the text stands, from `at` to `end`. */
export interface Part {
  readonly at: number;
  readonly end: number;
}

export class ByteText {
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private length = 0;

  add(text: string): Part {
    this.makeRoom(text.length * MOST_BYTES_A_UNIT);
    const at = this.length;
    this.length += this.bytes.write(text, at);
    return { at, end: this.length };
  }

  /** What stands in it already. */
  repeat({ at, end }: Part): void {
    this.makeRoom(end - at);
    this.bytes.copyWithin(this.length, at, end);
    this.length += end - at;
  }

  /** A whole number, not negative. */
  addNumber(number: number): void {
    let digits = 1;
    for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    this.addDigits(number, digits);
  }

  /** A number of thousandths, not negative, as a decimal fraction. */
  addThousandths(number: number): void {
    let fraction = number % 1000;
    this.addNumber((number - fraction) / 1000);
    if (fraction === 0) return;
    let digits = 3;
    for (; fraction % 10 === 0; fraction /= 10) digits--;
    this.makeRoom(1);
    this.bytes[this.length++] = POINT;
    this.addDigits(fraction, digits);
  }

  /** Gives what there is, and begins anew. The bytes are good until more is added. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.length = 0;
    return taken;
  }

  private addDigits(number: number, digits: number): void {
    this.makeRoom(digits);
    this.length += digits;
    for (let i = 1, rest = number; i <= digits; i++) {
      const tens = Math.floor(rest / 10);
      this.bytes[this.length - i] = ZERO + rest - 10 * tens;
      rest = tens;
    }
  }

  private makeRoom(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const wider = Buffer.allocUnsafe(2 * this.bytes.length + more);
    wider.set(this.bytes.subarray(0, this.length));
    this.bytes = wider;
  }
}
