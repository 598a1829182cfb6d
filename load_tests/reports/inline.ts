/** What a page that needs no network carries in itself: style, scripts, data, and the policy that lets nothing else run. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A file that stands beside this one. */
export const beside = (name: string): string => readFileSync(new URL(`./${name}`, import.meta.url), "utf8");

export const chartLibrary = (): string =>
  readFileSync(join(dirname(createRequire(import.meta.url).resolve("chart.js")), "chart.umd.min.js"), "utf8").replace(
    /\n\/\/# sourceMappingURL=.*\s*$/,
    "\n",
  );

/** JSON that neither ends the element it stands in nor breaks a line of script. */
export const inlineJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Only the page's own script and style run, whatever else a name may smuggle in; nothing is loaded. */
export const policy = (scripts: readonly string[], style: string): string =>
  `default-src 'none'; base-uri 'none'; form-action 'none'; script-src ${scripts.map(hashOf).join(" ")}; style-src ${hashOf(style)}`;
