/** The file's `plugins`: read before all else, as they bring words that the rest of the file may use. */
import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import { NO_PLUGINS, type Plugins, together } from "../core/plugins.ts";
import type { Path } from "./document.ts";
import type { LoadRequest } from "./draft.ts";
import { FORMATS, METADATA_FORMAT } from "./formats.ts";
import { valueAt } from "./issues.ts";

export const pluginsSchema = z
  .array(z.string().min(1))
  .describe("Users' own files, in TypeScript or JavaScript: sinks, protocols, criteria, reporters");

type Report = (path: Path, message: string) => void;

/** Reads every file of the list; mistakes are reported. What is no list is left to the schema. */
export async function readPlugins(tree: unknown, request: LoadRequest, report: Report): Promise<Plugins> {
  const { data: files = [] } = pluginsSchema.safeParse(valueAt(tree, ["plugins"]));
  let found = NO_PLUGINS;
  for (const [index, written] of files.entries()) {
    const path = ["plugins", index];
    try {
      const read = await readOne(written, request);
      const taken = takenName(read, request, found);
      if (taken !== null) report(path, taken);
      else found = together(found, read);
    } catch (error) {
      report(path, error instanceof Error ? error.message : String(error));
    }
  }
  return found;
}

async function readOne(written: string, request: LoadRequest): Promise<Plugins> {
  const file = isAbsolute(written) ? written : resolve(request.file, "..", written);
  if (!request.readable(file))
    throw new Error(`expected a file that can be read, found none at ${file}; paths are relative to the config file`);
  if (request.pluginFiles === undefined) throw new Error("expected a place where plug-ins can be run");
  return request.pluginFiles.read(file);
}

/** A sentence where a name of these is another plug-in's. */
function takenName(read: Plugins, { protocols, criteria }: LoadRequest, found: Plugins): string | null {
  const kinds: [string, readonly string[], readonly string[]][] = [
    ["protocol", read.protocols.map(({ kind }) => kind), [...protocols, ...found.protocols].map(({ kind }) => kind)],
    ["criterion", read.criteria.map(({ kind }) => kind), [...criteria, ...found.criteria].map(({ kind }) => kind)],
    [
      "report format",
      read.reporters.map(({ format }) => format),
      [...FORMATS, METADATA_FORMAT, ...found.reporters.map(({ format }) => format)],
    ],
  ];
  for (const [what, names, others] of kinds) {
    const twice = names.find((name, i) => others.includes(name) || names.indexOf(name) !== i);
    if (twice !== undefined) return `there is a ${what} \`${twice}\` already: expected a name of its own`;
  }
  return null;
}
