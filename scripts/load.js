/** `npm run load`: `tenfold run`, never from a stale build. */
import { buildIfStale } from "./build.js";

const built = await buildIfStale().catch((error) => {
  console.error(`dist is older than the sources and cannot be built again: ${error.message}`);
  process.exitCode = 1;
});
if (built !== undefined) await import("../dist/cli.js");
