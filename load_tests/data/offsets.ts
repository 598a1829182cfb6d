/** Where the records of a file begin, in eight bytes each. */
export class Offsets {
  private starts = new Float64Array(1024);
  private used = 0;

  get count(): number {
    return this.used;
  }

  add(start: number): void {
    if (this.used === this.starts.length) {
      const larger = new Float64Array(this.used * 2);
      larger.set(this.starts);
      this.starts = larger;
    }
    this.starts[this.used++] = start;
  }

  /** Start of a record; of the one past the last: undefined. */
  at(index: number): number | undefined {
    return index < this.used ? this.starts[index] : undefined;
  }
}
