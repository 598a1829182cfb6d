/** A CI job's load tests: the scenarios in their order; `--no-embedded` as soon as one host is set. Exits as `tenfold` does. */
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HOSTS = { stt: "STT_HOST", tts: "TTS_HOST", llm: "LLM_HOST", gateway: "GATEWAY_HOST" };
const { SCENARIO = "smoke", TEST_TYPE = "all" } = process.env;
const hosts = Object.entries(HOSTS)
  .map(([service, name]) => ({ service, host: process.env[name] ?? "" }))
  .filter(({ host }) => host !== "");

const args = ["run", "--scenario", SCENARIO, "--test-type", TEST_TYPE];
for (const { service, host } of hosts) args.push("--host", `${service}=${host}`);
if (hosts.length > 0) args.push("--no-embedded");

const load = join(dirname(fileURLToPath(import.meta.url)), "load.js");
const { status, error } = spawnSync(process.execPath, [load, ...args, ...process.argv.slice(2)], { stdio: "inherit" });
if (error) throw error;
process.exitCode = status ?? 1;
