/** Builds `dist` once before all tests: end-to-end tests run what users run. */
import { execFileSync } from "node:child_process";

export default function build(): void {
  execFileSync(process.execPath, ["scripts/build.js"], { stdio: "inherit" });
}
