/** Reads the file of a workload that is code, in TypeScript or JavaScript. */
import { fileURLToPath } from "node:url";
import type { Jiti } from "jiti";
import { z } from "zod";
import type { Act, CodeTask, CodeWorkload, Programs } from "../../core/code.ts";
import { tags } from "../../core/fields.ts";
import { placeIn, reasonOf } from "./broken.ts";
import { transformedOnce } from "./transformed.ts";

/** What `import "tenfold"` gives there; plug-ins are written with it too. */
const API = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../../api.ts" : "../../api.js", import.meta.url));

async function openJiti(): Promise<Jiti> {
  const { createJiti } = await import("jiti");
  const own = createJiti(import.meta.url, { fsCache: false });
  return createJiti(import.meta.url, {
    ...{ fsCache: false, moduleCache: false, virtualModules: { tenfold: await import(API) } },
    transform: transformedOnce((options) => ({ code: own.transform(options) })),
  });
}

/** The default export of a file. Rejects with a sentence that names the file and the line. */
export async function importDefault(file: string): Promise<unknown> {
  const jiti = await openJiti();
  try {
    return await jiti.import(file, { default: true });
  } catch (error) {
    throw new Error(`${file} cannot be run: ${reasonOf(error)}${placeIn(error, file)}`);
  }
}

const act = z.custom<Act>((value) => typeof value === "function", "expected a function");
const task = z.union(
  [act, z.strictObject({ weight: z.number().nonnegative().optional(), tags: tags.optional(), run: act })],
  {
    error: "expected a function, or { weight, tags, run }",
  },
);
const workload = z.strictObject({
  setup: act.optional(),
  start: act.optional(),
  stop: act.optional(),
  teardown: act.optional(),
  tasks: z.record(z.string().min(1), task),
});

export interface Program extends Omit<CodeWorkload, "tasks"> {
  readonly tasks: readonly (Required<CodeTask> & { readonly name: string })[];
}

/** Rejects with a sentence where the file cannot be run, or exports no workload. */
export async function readProgram(file: string): Promise<Program> {
  const exported = await importDefault(file);
  const { data, error } = workload.safeParse(exported);
  if (data === undefined) {
    const { path, message } = error!.issues[0]!;
    throw new Error(
      `${file}: expected \`export default defineWorkload({ tasks: ... })\`: ${[...path, message].join(": ")}`,
    );
  }
  const { tasks, ...rest } = exported as CodeWorkload;
  const all = Object.entries(tasks).map(([name, each]) =>
    typeof each === "function" ? { name, weight: 1, tags: [], run: each } : { name, weight: 1, tags: [], ...each },
  );
  if (!all.some(({ weight }) => weight > 0))
    throw new Error(`${file}: expected at least one task with a weight over 0 in \`tasks\`, found none`);
  return { ...rest, tasks: all };
}

export const programs: Programs = {
  outline: async (file) => {
    const { tasks } = await readProgram(file);
    return { tasks: tasks.map(({ name, weight, tags }) => ({ name, weight, tags })) };
  },
};
