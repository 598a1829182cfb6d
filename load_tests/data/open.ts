/** Opens the data files that feeds draw from. */
import { extname } from "node:path";
import type { FeedConfig, FeedPlan, Rows } from "../core/feed.ts";
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

/** A feed as written, with its file's absolute path; the columns that its templates may name. Throws a DataError. */
export async function readFeed(
  name: string,
  { file, order, unique, at_end: atEnd, ...written }: FeedConfig,
): Promise<{ readonly feed: FeedPlan; readonly columns: readonly string[] }> {
  const ending = extname(file).toLowerCase();
  const format = written.format ?? BY_ENDING[ending];
  if (format === undefined)
    throw problemsOf(file)(null, "expected a name that ends in .csv, .json or .jsonl, or `format: csv` beside `file`");
  const delimiter = written.delimiter ?? (ending === ".tsv" ? "\t" : ",");
  const rows = await openRows({ file, format, delimiter });
  rows.close();
  return {
    feed: { name, file, format, delimiter, order, unique, atEnd, rows: rows.count },
    columns: rows.columns,
  };
}

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
