/** Tenfold itself: the whole engine (config, schedule, measurement, a check on each answer) in its worker thread. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = (file) => import(join(here, "..", "..", "dist", file));

const HTTP = (port) =>
  `rest: { api: { host: "http://127.0.0.1:${port}", endpoints: [ { path: /, checks: ["status == 200"] } ] } }`;
const GRPC = (port) =>
  `grpc: { echo: { host: "127.0.0.1:${port}", proto: echo.proto, wait_for_ready: 0, calls: [ { method: bench.Echo/Say, message: { text: hello }, checks: ["$.text == hello"] } ] } }`;

const configOf = (service, seconds) => `
services: { ${service} }
scenarios: { bench: { users: 100, think_time: 0, duration: ${seconds}s, criteria: [ "error_rate < 1%" ] } }
`;

async function run(service, seconds) {
  const [{ loadPlan }, { prepareFleet }, { protocols, criteria }, { requestsOf, failuresOf }] = await Promise.all(
    ["config/load.js", "engine/fleet.js", "registry.js", "core/snapshot.js"].map(dist),
  );
  const request = { text: configOf(service, seconds), env: {}, protocols, criteria, flags: {}, readable: () => true };
  const plan = await loadPlan({ ...request, file: join(here, "bench.yaml") });
  const [scenario] = plan.scenarios;
  const share = { index: 0, of: 1 };
  const fleet = await prepareFleet({ scenario, share, runId: "bench", secrets: [], env: {} }, 1);
  let requests = 0;
  const started = process.cpuUsage();
  const second = ({ series }) => {
    for (const { counts } of series) {
      requests += requestsOf(counts);
      if (failuresOf(counts) > 0) throw new Error("calls failed");
    }
  };
  await fleet.run({ second, notice: ({ text }) => console.error(text) });
  const used = process.cpuUsage(started);
  await fleet.close();
  return { requests, used };
}

export const engine = {
  "tenfold http": ({ http }, seconds) => run(HTTP(http), seconds),
  "tenfold grpc": ({ grpc }, seconds) => run(GRPC(grpc), seconds),
};
