/** How the PNG charts look: colours, axes, headings. */

export const WIDTH = 1100;
export const INK = "#16191f";
export const SOFT = "#5b6472";
const GRID = "#dfe3e9";
export const COLORS = {
  blue: "#2a78c8",
  orange: "#b45f06",
  red: "#b3221f",
  violet: "#6f4bb8",
  grey: "#8a94a3",
  green: "#2e7d32",
  pink: "#c2185b",
  brown: "#795548",
} as const;
export type Color = keyof typeof COLORS;

export type Format = (value: number) => string;

export const axis = (format: Format, more: object = {}) => ({
  beginAtZero: true,
  ticks: { color: SOFT, maxTicksLimit: 8, callback: (value: string | number) => format(Number(value)) },
  grid: { color: GRID },
  ...more,
});

export const heading = (text: readonly string[]) => ({
  title: { display: true, text: text[0]!, color: INK, align: "start" as const, font: { size: 18 } },
  subtitle: { display: text.length > 1, text: text[1] ?? "", color: SOFT, align: "start" as const },
});
