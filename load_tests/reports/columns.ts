/** Text in the columns of a terminal. Widths are never counted too small, so that a line that fits does not wrap. */

const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}])$/u;
/** Turns the character before it into a picture, which takes two columns. */
const EMOJI_VARIANT = "\ufe0f";

function charWidth(char: string): number {
  if (char >= " " && char <= "~") return 1;
  if (char === EMOJI_VARIANT) return 1;
  if (NO_WIDTH.test(char)) return 0;
  return WIDE.test(char) ? 2 : 1;
}

/** Columns that a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** The text within `width` columns, with an ellipsis where it had to be cut. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let left = width - 1;
  for (const char of text) {
    left -= charWidth(char);
    if (left < 0) break;
    kept += char;
  }
  return width > 0 ? `${kept}…` : "";
}

const gap = (text: string, width: number): string => " ".repeat(Math.max(0, width - widthOf(text)));

/** The text in exactly `width` columns. */
export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const shown = cut(text, width);
  return align === "left" ? shown + gap(shown, width) : gap(shown, width) + shown;
}

/** The text in lines of at most `width` columns, broken at spaces; a word that is too long is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) line = longer;
    else {
      if (line !== "") lines.push(line);
      line = cut(word, width);
    }
  }
  return [...lines, line];
}
