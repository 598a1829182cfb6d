/** Opens the data files that feeds draw from. */
import { extname } from "node:path";
import type { DataFiles, FeedConfig, FeedPlan, Rows } from "../core/feed.ts";
import { openCsv } from "./csv.ts";
import { problemsOf } from "./data_error.ts";
import { openJsonLines, openJsonList } from "./json.ts";
import { openSource } from "./source_file.ts";

const BY_ENDING: Readonly<Record<string, FeedPlan["format"]>> = {
  ".csv": "csv",
  ".tsv": "csv",
  ".json": "json",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
};

type Form = Pick<FeedPlan, "file" | "format" | "delimiter">;

async function openRows({ file, format, delimiter }: Form): Promise<Rows> {
  const problem = problemsOf(file);
  const source = openSource(file, problem);
  try {
    if (format === "csv") return await openCsv(source, delimiter, problem);
    return await (format === "jsonl" ? openJsonLines(source, problem) : openJsonList(source, problem));
  } catch (error) {
    source.close();
    throw error;
  }
}

function formOf({ file, format, delimiter }: Pick<FeedConfig, "file" | "format" | "delimiter">): Form {
  const ending = extname(file).toLowerCase();
  const known = format ?? BY_ENDING[ending];
  if (known === undefined)
    throw problemsOf(file)(null, "expected a name that ends in .csv, .json or .jsonl, or `format: csv` beside `file`");
  return { file, format: known, delimiter: delimiter ?? (ending === ".tsv" ? "\t" : ",") };
}

export const dataFiles: DataFiles = {
  async feed(name, config) {
    const { order, unique, at_end: atEnd } = config;
    const form = formOf(config);
    const { close, count, columns } = await openRows(form);
    close();
    return { feed: { name, ...form, order, unique, atEnd, rows: count }, columns };
  },
  rows: async (file) => openRows(formOf({ file })),
};

/** The rows of a feed of the plan. Throws where the file is another than when the config was read. */
export async function openFeed(feed: FeedPlan): Promise<Rows> {
  const rows = await openRows(feed);
  if (rows.count === feed.rows) return rows;
  rows.close();
  throw problemsOf(feed.file)(
    null,
    `the file was changed: it had ${feed.rows} rows when the config was read, and has ${rows.count} now`,
  );
}
