/** `npm run load`: `tenfold run`, never from a stale build. */
import { buildIfStale } from "./build.js";

await buildIfStale();
await import("../dist/cli.js");
