/** How the other tools are told the same load. Entries are {name, tool, command, env}; `tool` must be installed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { find, folder, here, versionOf } from "./programs.js";
import { LIMIT_S } from "./runner.js";

/** 1 KB of JSON, as every tool posts it. */
export const BODY = JSON.stringify({ id: 12345, text: "x".repeat(1000) });
const JSON_TYPE = "content-type: application/json";
const script = (name) => join(here, "peers", name);
const written = (name, content) => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

const K6 = (file) => ["run", "-q", "--no-usage-report", script(file)];
const locust = (args, name, env = {}) =>
  entry("locust", ["-f", script("locustfile.py"), "--headless", "--only-summary", ...args], {
    name,
    env: { TMPDIR: folder, ...env },
  });
const entry = (tool, args, { name = tool, env = {} } = {}) => ({
  name,
  tool,
  env,
  command: [find(tool) ?? tool, ...args.map(String)],
});
const host = (port) => `http://127.0.0.1:${port}`;
const url = (port) => `${host(port)}/`;
const secureUrl = (port) => `https://127.0.0.1:${port}/`;

const LIMIT = `${LIMIT_S}s`;
const POST = {
  wrk: ["-s", script("post.lua")],
  oha: ["-m", "POST", "-d", BODY, "-H", JSON_TYPE],
  hey: ["-m", "POST", "-d", BODY, "-T", "application/json"],
  autocannon: ["-m", "POST", "-b", BODY, "-H", JSON_TYPE],
};
const flat = (tool, flags, { env } = {}) => {
  return (port, n, isPost) => entry(tool, [...flags(n), ...(isPost ? POST[tool] : []), url(port)], { env });
};

/** HTTP: GET, or POST of BODY, over `n` connections or by `n` users. */
export const http = {
  wrk: flat("wrk", (n) => ["-t1", `-c${n}`, `-d${LIMIT}`], { env: { BODY } }),
  oha: flat("oha", (n) => ["--no-tui", "-c", n, "-z", LIMIT]),
  hey: flat("hey", (n) => ["-c", n, "-z", LIMIT]),
  autocannon: flat("autocannon", (n) => ["-c", n, "-d", LIMIT_S]),
  goose: (port, n) =>
    entry("goose-bench", ["--host", host(port), "-u", n, "-r", n, "-t", LIMIT, "--no-reset-metrics", "-q"], {
      name: "goose",
    }),
  k6: (port, n, more = {}) =>
    entry("k6", K6("k6_http.js"), { env: { TARGET: url(port), VUS: String(n), LIMIT: LIMIT, ...more } }),
  gatling: (port, n) =>
    entry("gatling", ["-s", "Bench", "-rf", join(folder, "gatling"), "-nr"], {
      name: "Gatling",
      env: { TARGET: host(port), USERS: String(n), LIMIT: String(LIMIT_S) },
    }),
  artillery: (port, n) => {
    const load = { target: host(port), phases: [{ duration: 1, arrivalCount: n }], http: { maxSockets: 1 } };
    const flow = [{ loop: [{ get: { url: "/" } }], count: 1_000_000 }];
    const config = written("artillery.json", JSON.stringify({ config: load, scenarios: [{ flow }] }));
    return entry("artillery", ["run", "-q", config], { env: { ARTILLERY_DISABLE_TELEMETRY: "true" } });
  },
  locust: (port, n, kind, env) =>
    locust(["--host", host(port), "-u", n, "-r", n, "-t", LIMIT, kind], `Locust ${kind}`, env),
};

/** GET over TLS; the certificate is not looked at. */
export const https = {
  wrk: (port, n) => entry("wrk", ["-t1", `-c${n}`, `-d${LIMIT}`, secureUrl(port)]),
  oha: (port, n) => entry("oha", ["--no-tui", "--insecure", "-c", n, "-z", LIMIT, secureUrl(port)]),
};

/** The same GET at a rate, for `seconds`, over `lanes` connections; `output` is where the tool writes what it found. */
export const paced = {
  oha: (port, { rate, lanes, seconds }) => {
    const output = join(folder, "oha.json");
    const load = ["-c", lanes, "-z", `${seconds}s`, "-q", rate, "--latency-correction"];
    return { ...entry("oha", ["--no-tui", ...load, "--output-format", "json", "-o", output, url(port)]), output };
  },
  k6: (port, { rate, lanes, seconds }) => {
    const output = join(folder, "k6.json");
    const env = { TARGET: url(port), RATE: String(rate), VUS: String(lanes), LIMIT: `${seconds}s` };
    return { ...entry("k6", [...K6("k6_http.js"), "--summary-export", output], { env }), output };
  },
  locust: (port, { rate, lanes, seconds }) => {
    const output = join(folder, "locust");
    const args = ["--host", host(port), "-u", lanes, "-r", lanes, "-t", `${seconds}s`, "--csv", output, "FastHttpUser"];
    return { ...locust(args, "Locust FastHttpUser", { RATE_PER_USER: String(rate / lanes) }), output };
  },
};

const payload = () => written("note.bin", Buffer.from([0, 0, 0, 0, 7, 10, 5, ...Buffer.from("hello")]));
const proto = join(here, "echo.proto");

/** gRPC: `calls` in flight over `connections`. */
export const grpc = {
  h2load: (port, { method, calls, connections }) =>
    entry("h2load", [
      ...["-c", connections, "-m", calls / connections, "-t1", "-D", LIMIT_S, "-d", payload()],
      ...["-H", "content-type: application/grpc", "-H", "te: trailers", `${url(port)}bench.Echo/${method}`],
    ]),
  ghz: (port, { method, calls, connections }) =>
    entry("ghz", [
      ...["--insecure", "--proto", proto, "--call", `bench.Echo/${method}`, "-d", '{"text":"hello"}'],
      ...["-c", calls, "--connections", connections, "-z", LIMIT, `127.0.0.1:${port}`],
    ]),
  k6: (port, { calls }, invoke) =>
    entry("k6", K6("k6_grpc.js"), {
      name: `k6 ${invoke}`,
      env: { TARGET: `127.0.0.1:${port}`, PROTO: here, INVOKE: invoke, VUS: String(calls), LIMIT: LIMIT },
    }),
  locust: (port, { calls }) =>
    locust(["--host", `127.0.0.1:${port}`, "-u", calls, "-r", calls, "-t", LIMIT, "GrpcUser"], "Locust grpcio", {
      PROTO: here,
    }),
};

const plain =
  (name) =>
  (port, kind, calls, connections = calls) => ({
    name,
    command: [process.execPath, join(here, "plain.js"), kind, String(calls), String(port), String(connections)],
  });
export const undici = plain("undici dispatch");
export const grpcJs = plain("grpc-js");
export const ws = plain("ws");

const VERSIONS = {
  wrk: "-v",
  oha: "--version",
  autocannon: "--version",
  k6: "version",
  h2load: "--version",
  nginx: "-v",
  locust: "--version",
  artillery: "--version",
};

/** What is installed, by version; hey, ghz, goose and Gatling say nothing of their version. */
export const versions = () =>
  Object.fromEntries(
    Object.entries(VERSIONS).map(([tool, flag]) => [tool, find(tool) === null ? null : versionOf(find(tool), flag)]),
  );
