/**
 * Which row of a data file a user or an arrival reads. Rows are closed forms of the number of the draw, so they are the
 * same for any number of workers and shares, and nobody has to be asked.
 */
import { z } from "zod";
import { permuted } from "./permutation.ts";
import { integer, type Random } from "./random.ts";

export const FORMATS = ["csv", "json", "jsonl"] as const;
export const ORDERS = ["sequential", "random", "shuffle"] as const;

/** One entry of `data:`, as written. */
export const feedSchema = z.strictObject({
  file: z
    .string()
    .min(1)
    .describe("CSV with a header, a JSON list of maps, or JSON lines; relative to the config file"),
  order: z.enum(ORDERS).default("sequential").describe("sequential, random (rows may repeat), or shuffle"),
  unique: z.boolean().default(false).describe("A row belongs to one user, or to one arrival"),
  at_end: z.enum(["recycle", "stop"]).default("recycle").describe("stop: the run ends when the first user has no row"),
  format: z.enum(FORMATS).optional().describe("Where the file's name does not say it"),
  delimiter: z
    .string()
    .regex(/^[^"\r\n\ufeff]$/, "expected one character")
    .regex(/^[\x00-\x7f]$/, "expected an ASCII character")
    .optional()
    .describe("Between the fields of a CSV; a comma where absent"),
});
export type FeedConfig = z.output<typeof feedSchema>;

/** Rows to draw from, every default written out. */
export interface FeedPlan {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly format: (typeof FORMATS)[number];
  readonly delimiter: string;
  readonly order: (typeof ORDERS)[number];
  readonly unique: boolean;
  readonly atEnd: "recycle" | "stop";
  readonly rows: number;
}

/** A feed of a workload and what draws from it. */
export interface FeedUse {
  readonly feed: FeedPlan;
  /** A row is drawn with the session and stays for it; else one at the start of each task that uses the feed. */
  readonly session: boolean;
  /** Positions of the tasks that use it. */
  readonly tasks: readonly number[];
}

/** An open data file. `row` gives the values by column; those of a CSV are texts. */
export interface Rows {
  readonly count: number;
  /** Names of the columns, or of the keys that any row has. */
  readonly columns: readonly string[];
  row(index: number): Readonly<Record<string, unknown>>;
  close(): void;
}

/** Reads data files while a config is read. Rejects with a sentence that names the file and the line. */
export interface DataFiles {
  /** A feed as written, its file absolute: the plan, and the columns that templates may name. */
  feed(name: string, config: FeedConfig): Promise<{ readonly feed: FeedPlan; readonly columns: readonly string[] }>;
  rows(file: string): Promise<Rows>;
}

/** Who draws. `draw` counts from 0; of an arrival it is always 0. */
export interface Drawer {
  /** Position of the flow among those that draw from the feed, and how many these are. */
  readonly flow: number;
  readonly flows: number;
  /** Most users of a flow of the plan; 0 in arrivals drive. */
  readonly users: number;
  /** Number of the user or of the arrival in its flow. */
  readonly index: number;
  readonly draw: number;
  readonly seed: number;
  readonly random: Random;
}

/** How many rows a unique feed needs before anything is drawn: one for each user. */
export const rowsNeeded = (feed: FeedPlan, flows: number, users: number): number =>
  feed.unique ? Math.max(1, flows * users) : 1;

const SHUFFLE = 0x0d;

/** The row of a draw; null where the feed has none left. */
export function rowOf(feed: FeedPlan, who: Drawer): number | null {
  const place = feed.unique ? ownPlace(feed, who) : sharedPlace(feed, who);
  if (place === null) return null;
  const pass = Math.floor(place / feed.rows);
  const row = place % feed.rows;
  return feed.order === "shuffle" ? permuted(row, feed.rows, [who.seed, SHUFFLE, pass]) : row;
}

/** Place of a draw in the endless row of all draws. */
function sharedPlace({ order, rows, atEnd }: FeedPlan, { flow, flows, users, index, draw, random }: Drawer) {
  if (order === "random") return integer(random, 0, rows - 1);
  const place = flow + flows * (index + users * draw);
  return atEnd === "stop" && place >= rows ? null : place;
}

/** Of n users of all flows, user c has the places c, c + n, c + 2n ...; an arrival has one. Never past the last row. */
function ownPlace({ order, rows, atEnd }: FeedPlan, { flow, flows, users, index, draw, random }: Drawer) {
  const first = flow + flows * index;
  if (first >= rows) return null;
  if (users === 0) return first;
  const owners = flows * users;
  const own = Math.ceil((rows - first) / owners);
  if (order === "random") return first + owners * integer(random, 0, own - 1);
  return atEnd === "stop" && draw >= own ? null : first + owners * (draw % own);
}
