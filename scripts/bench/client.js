/** One measurement in a process of its own: `client.js NAME PORTS SECONDS`; prints requests a second, CPU and memory as JSON. */
import { engine } from "./engine.js";
import { peers } from "./plain.js";

const WARM_UP_S = 1;
const [name, ports, seconds] = process.argv.slice(2);
const servers = JSON.parse(ports);

async function measurePeer(peer) {
  await peer(servers, performance.now() + WARM_UP_S * 1000);
  const cpu = process.cpuUsage();
  const requests = await peer(servers, performance.now() + Number(seconds) * 1000);
  return { requests, used: process.cpuUsage(cpu) };
}

async function measureEngine(run) {
  await run(servers, WARM_UP_S);
  return run(servers, Number(seconds));
}

const { requests, used } = name in peers ? await measurePeer(peers[name]) : await measureEngine(engine[name]);
const cpu_us = (used.user + used.system) / requests;
const rss_mb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ per_second: requests / Number(seconds), cpu_us, rss_mb }));
process.exit();
