/** Every reporter that ships. Those of the format `always` write whatever formats the config asks for. */
import type { Reporter } from "../core/plugin.ts";
import { comparison } from "./comparison.ts";
import { csv } from "./csv.ts";
import { html } from "./html.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { metrics } from "./metrics.ts";
import { png } from "./png.ts";
import { resourceCsv } from "./resource_csv.ts";
import { summary } from "./summary.ts";

export const reporters: readonly Reporter[] = [
  html,
  json,
  csv,
  png,
  junit,
  markdown,
  metrics,
  resourceCsv,
  summary,
  comparison,
];
