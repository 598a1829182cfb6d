/** ISO times of calls that end soon after each other; what is the same as in the one before is kept. */
export class Stamps {
  private at = Number.NaN;
  private text = "";
  private second = Number.NaN;
  private upToSecond = "";

  /** `at`: milliseconds since 1970. */
  of(at: number): string {
    const whole = Math.floor(at);
    if (whole === this.at) return this.text;
    const second = Math.floor(whole / 1000);
    if (second !== this.second) {
      this.second = second;
      this.upToSecond = new Date(second * 1000).toISOString().slice(0, -4);
    }
    this.at = whole;
    this.text = `${this.upToSecond}${String(whole - second * 1000).padStart(3, "0")}Z`;
    return this.text;
  }
}
