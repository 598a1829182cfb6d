/** Plain tables for terminals and text files. */
import { cut, pad, widthOf } from "./columns.ts";

export interface Column {
  readonly title: string;
  readonly align?: "right";
  /** Gives up room, the widest first and down to 8 columns, where the table is too wide. */
  readonly elastic?: boolean;
}

const GAP = "  ";
const LEAST = 8;

function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map(({ title }, i) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[i] ?? ""))));
  const room = width - GAP.length * (columns.length - 1);
  const elastic = [...columns.keys()].filter((i) => columns[i]!.elastic);
  for (let over = widths.reduce((sum, each) => sum + each, 0) - room; over > 0; over--) {
    const widest = elastic.reduce((a, b) => (widths[b]! > widths[a]! ? b : a), elastic[0] ?? -1);
    if (!(widths[widest]! > LEAST)) break;
    widths[widest]!--;
  }
  return widths;
}

/** A line of titles and a line for each row, none wider than `width`. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const widths = widthsOf(columns, rows, width);
  const line = (cells: readonly string[]) =>
    cut(
      columns
        .map(({ align }, i) => pad(cells[i] ?? "", widths[i]!, align))
        .join(GAP)
        .trimEnd(),
      width,
    );
  return [columns.map(({ title }) => title), ...rows].map(line);
}
