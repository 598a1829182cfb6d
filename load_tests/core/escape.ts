/** Untrusted text made harmless for the place where it is shown. */

/** C0 and C1 controls, line and paragraph separators, marks that turn the direction of text, lone surrogates. */
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function visible(char: string): string {
  const code = char.charCodeAt(0);
  const digits = code < 0x100 ? `x${code.toString(16).padStart(2, "0")}` : `u${code.toString(16).padStart(4, "0")}`;
  return SHORT[char] ?? `\\${digits}`;
}

/** One line in which control characters and escape sequences can be read and do nothing. */
export const terminal = (s: string): string => s.replace(UNSEEN, visible);

/** A cell as RFC 4180 quotes it; one that a spreadsheet would run as a formula gets a leading '. */
export function csvCell(s: string): string {
  const cell = /^[=+\-@\t\r]/.test(s) ? `'${s}` : s;
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** For element content and quoted attributes. */
export const html = (s: string): string => s.replace(/[&<>"']/g, (char) => ENTITIES[char]!);

/** One line of plain text in CommonMark and GitHub's tables: what would be markup is escaped. */
export const markdown = (s: string): string =>
  terminal(s.replace(/\s+/g, " "))
    .replace(/[\\`*_{}[\]()#+\-.!|~]/g, "\\$&")
    .replace(/[&<>]/g, (char) => ENTITIES[char]!)
    .replace(/:(?=\/\/)/g, "&#58;");

/** At most `max` UTF-16 units, the last an ellipsis where the text was longer; never half of a surrogate pair. */
export function bounded(s: string, max: number): string {
  if (s.length <= max) return s;
  if (max < 1) return "";
  const kept = s.slice(0, max - 1);
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
