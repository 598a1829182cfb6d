/** Colours of a terminal. */

/** How text is shown: the columns there are, and whether colours may be used. */
export interface Look {
  readonly width: number;
  readonly color: boolean;
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Paint = keyof typeof CODES;

/** Paints text that is already cut to its width; as it is where colours are off. */
export const painted = (text: string, paint: Paint, look: Look): string =>
  look.color ? `\u001b[${CODES[paint]}m${text}\u001b[0m` : text;
