/** Parts of Tenfold by themselves, for benchmarks that leave the command out: bundled as the command is. */
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BUNDLING } from "../build.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const file = join(root, "dist", "bench_parts.js");

const PARTS = `
  export { parseCheck } from "./core/check.ts";
  export { Histogram, mergeHistograms } from "./core/histogram.ts";
  export { COUNTER, COUNTERS } from "./core/snapshot.ts";
  export { clockFrom, epochNow } from "./engine/clock.ts";
  export { prepareGenerator } from "./engine/generator.ts";
  export { Recorder } from "./engine/recorder.ts";
  export { openTimeline, replayTimeline } from "./engine/timeline.ts";
  export { requests } from "./workloads/requests.ts";
`;

/** Bundles them anew, once for all processes of a benchmark. */
export async function buildParts() {
  const { build } = await import("esbuild");
  const stdin = { contents: PARTS, resolveDir: join(root, "load_tests"), loader: "ts" };
  await build({ ...BUNDLING, stdin, outfile: file });
}

/** Needs `buildParts` before. */
export const parts = () => import(pathToFileURL(file).href);
