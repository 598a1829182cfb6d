/** Numbers in the words of a verdict. */

/** Units of `observed` and `limit`; absent for plain counts and for values of users' own units. */
export type Unit = "ms" | "ratio" | "/s" | "s" | "MB" | "MB/s" | "W" | "°C";

const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const plain = (value: number, digits: number): string =>
  Math.abs(value) >= 10 ** digits ? grouped.format(value) : String(Number(value.toPrecision(digits)));

/** `1,204` */
export const count = (value: number): string => grouped.format(value);

/** `1,204 calls`, `1 call` */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** `2.41 s`, `0.3 %`, `190/s`, to so many significant digits. */
export function amount(value: number, unit: Unit | undefined, digits = 3): string {
  switch (unit) {
    case "ms":
      return Math.abs(value) < 1000 ? `${plain(value, digits)} ms` : `${plain(value / 1000, digits)} s`;
    case "ratio":
      return `${plain(value * 100, digits)} %`;
    case "/s":
      return `${plain(value, digits)}/s`;
    case "s":
    case "MB":
    case "MB/s":
    case "W":
    case "°C":
      return `${plain(value, digits)} ${unit}`;
    case undefined:
      return Number.isInteger(value) ? count(value) : plain(value, digits);
  }
}

/** Two amounts with as many digits as it takes to see that they differ. */
export function amounts(a: number, b: number, unit: Unit | undefined): [string, string] {
  for (let digits = 3; ; digits++) {
    const pair: [string, string] = [amount(a, unit, digits), amount(b, unit, digits)];
    if (pair[0] !== pair[1] || a === b || digits === 12) return pair;
  }
}
