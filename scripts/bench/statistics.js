/** Medians of rounds, and the tables that the bench prints. */

/** The middle of the values, the mean of the two middle ones where their number is even; NaN of none. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const sameCase = (a, b) => a.job === b.job && a.kind === b.kind && a.name === b.name;

/** The rows of each job, kind and name as one: the median of every number in them, in the order of their first round. */
export function medians(rows) {
  const firsts = rows.filter((row, i) => rows.findIndex((other) => sameCase(other, row)) === i);
  return firsts.map((first) => {
    const group = rows.filter((row) => sameCase(row, first));
    const numbers = Object.keys(first).filter((key) => typeof first[key] === "number" && key !== "round");
    const middle = Object.fromEntries(numbers.map((key) => [key, median(group.map((row) => row[key]))]));
    const { job, kind, name } = first;
    return { job, kind, name, rounds: group.length, ...middle };
  });
}

/** A number with about three figures, thousands apart; `-` where there is none. */
export function figure(value) {
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return "-";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Lines in columns, texts to the left and figures to the right. `columns` are [title, row => value]. */
export function table(columns, rows) {
  const values = rows.map((row) => columns.map(([, of]) => of(row)));
  const cells = [columns.map(([title]) => title), ...values.map((line) => line.map(figure))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const isText = columns.map((_, i) => values.every((line) => typeof line[i] === "string"));
  const padded = (text, i) => (isText[i] ? text.padEnd(widths[i]) : text.padStart(widths[i]));
  return cells.map((line) => line.map(padded).join("  ").trimEnd());
}
