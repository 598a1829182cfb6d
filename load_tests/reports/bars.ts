/** Small bars of block characters, for text in which no picture can be. */

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** `share` (0 to 1) of `cells` characters; a share above 0 is never empty. */
export function bar(share: number, cells = 10): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * cells * 8);
  const shown = share > 0 ? Math.max(1, eighths) : 0;
  return "█".repeat(Math.floor(shown / 8)) + EIGHTHS[shown % 8];
}
