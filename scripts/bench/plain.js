/**
 * `plain.js KIND CALLS_IN_FLIGHT PORT [CONNECTIONS]`: a closed loop on the bare library, without schedule, measurement or
 * checks, until it is ended. What a driver of Tenfold costs beyond this is its own.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [kind, inFlight, port, connections = inFlight] = process.argv.slice(2);
const BODY = JSON.stringify({ id: 12345, text: "x".repeat(1000) });
const each = (make) => Promise.all(Array.from({ length: Number(connections) }, (_, i) => make(i)));
const fail = (error) => {
  console.error(error);
  process.exit(1);
};

/** Every call begins the next one on its connection. */
const loop = (call) => {
  for (let i = 0; i < Number(inFlight); i++) {
    const again = () => call(i % Number(connections), again);
    again();
  }
};

async function undici(request) {
  const { Client } = await import("undici");
  const clients = await each(() => new Client(`http://127.0.0.1:${port}`));
  const handler = (done) => ({
    onRequestStart() {},
    onResponseStart(_controller, status) {
      if (status !== 200) fail(`status ${status}`);
    },
    onResponseData() {},
    onResponseEnd: done,
    onResponseError: (_, error) => fail(error),
  });
  loop((i, done) => clients[i].dispatch(request, handler(done)));
}

async function echoClients() {
  const { credentials, loadPackageDefinition } = await import("@grpc/grpc-js");
  const { loadSync } = await import("@grpc/proto-loader");
  const { bench } = loadPackageDefinition(loadSync(join(dirname(fileURLToPath(import.meta.url)), "echo.proto")));
  const own = { "grpc.use_local_subchannel_pool": 1 };
  return each(() => new bench.Echo(`127.0.0.1:${port}`, credentials.createInsecure(), own));
}

async function unary() {
  const clients = await echoClients();
  loop((i, done) => clients[i].say({ text: "hello" }, (error) => (error ? fail(error) : done())));
}

async function streaming() {
  const clients = await echoClients();
  loop((i, done) =>
    clients[i]
      .many({ text: "hello" })
      .on("data", () => {})
      .on("error", fail)
      .on("end", done),
  );
}

async function websocket() {
  const { WebSocket } = await import("ws");
  const message = "hello hello hello hello hello 12";
  await each(() => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    socket
      .on("open", () => socket.send(message))
      .on("message", () => socket.send(message))
      .on("error", fail);
  });
}

const KINDS = {
  get: () => undici({ path: "/", method: "GET" }),
  post: () => undici({ path: "/", method: "POST", body: BODY, headers: { "content-type": "application/json" } }),
  unary,
  streaming,
  websocket,
};
await KINDS[kind]();
