/** The servers that clients are measured against, each on the server's core, each with a count of its answers. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SERVER_CORE } from "./machine.js";
import { end, find, folder, launch } from "./programs.js";

/** nginx ends its worker only where it has the time to. */
const AS_SERVER = { cores: SERVER_CORE, onDeath: "TERM" };

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function until(condition, { said }) {
  for (let tries = 0; tries < 500; tries++) {
    const value = await condition();
    if (value) return value;
    await sleep(10);
  }
  throw new Error(`a server did not start: ${said()}`);
}

const NGINX = ({ port, securePort, logs }) => `
worker_processes 1; daemon off; pid ${logs}/nginx.pid; error_log ${logs}/nginx.log; ${process.getuid() === 0 ? "user root;" : ""}
events { worker_connections 20000; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s; default_type application/json; tcp_nodelay on;
  client_body_temp_path ${logs}; proxy_temp_path ${logs}; fastcgi_temp_path ${logs}; uwsgi_temp_path ${logs}; scgi_temp_path ${logs};
  server {
    listen 127.0.0.1:${port} backlog=8192;
    listen 127.0.0.1:${securePort} ssl backlog=8192;
    ssl_certificate ${logs}/bench.pem; ssl_certificate_key ${logs}/bench.key;
    location = /.count { stub_status; }
    location / { return 200 '{"ok":true,"id":12345,"name":"tenfold bench"}\\n'; }
  }
}
`;

/** For 127.0.0.1, signed by itself. */
function writeCertificate() {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "bench.key"];
  const words = ["req", "-x509", ...key, "-out", "bench.pem", "-subj", "/CN=127.0.0.1", "-days", "2"];
  execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
}

async function nginx(path) {
  const [port, securePort] = [await freePort(), await freePort()];
  const file = join(folder, "nginx.conf");
  writeCertificate();
  writeFileSync(file, NGINX({ port, securePort, logs: folder }));
  const program = launch([path, "-c", file, "-p", folder], AS_SERVER);
  let asked = 0;
  const count = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/.count`).catch(() => {
      throw new Error("nginx did not say how many requests it had: it may be out of connections");
    });
    asked++;
    return Number((await answer.text()).match(/^ \d+ \d+ (\d+)/m)[1]) - asked;
  };
  await until(
    () =>
      count().then(
        () => true,
        () => false,
      ),
    program,
  );
  return { port, securePort, count, stop: () => end(program.child) };
}

let counters = 0;

/** A server of servers/: prints its port, and counts in a file that it has mapped. */
async function counting(path, ...args) {
  const file = join(folder, `count${counters++}`);
  const program = launch([path, file, ...args.map(String)], AS_SERVER);
  const port = await until(() => Number(program.output().trim()), program);
  return { port, count: async () => Number(readFileSync(file).readBigUInt64LE()), stop: () => end(program.child) };
}

/** Names by what they serve; those that must be installed say so. */
const KINDS = {
  nginx: { program: "nginx", start: nginx },
  slow: { program: "bench-slow", start: counting },
  websocket: { program: "bench-ws", start: counting },
  grpc: { program: "bench-grpc", start: counting },
  nghttp2: { program: "bench-nghttp2", start: counting },
};

/** Runs `use(server)` beside a server of this kind; says and skips where it is not installed. */
export async function withServer(kind, args, use) {
  const { program, start } = KINDS[kind];
  const path = find(program);
  if (path === null) {
    console.log(`skipped: ${program} is not installed (scripts/bench/install-peers.sh)`);
    return [];
  }
  const server = await start(path, ...args);
  try {
    return await use(server);
  } finally {
    server.stop();
  }
}

/** What the slow server knows of the requests since it was last asked; with a rate, how uneven they arrived (milliseconds). */
export const logOf = async ({ port }, rate = 0) => (await fetch(`http://127.0.0.1:${port}/.log?rate=${rate}`)).json();
