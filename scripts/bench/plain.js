/** Peers: a closed loop on the bare library, 100 calls in flight, as fast as it goes. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const IN_FLIGHT = 100;
const proto = join(dirname(fileURLToPath(import.meta.url)), "echo.proto");

/** Counts calls until `until`; `call(done)` starts one. */
function loop(call, until) {
  return new Promise((resolve) => {
    let ended = 0;
    let open = IN_FLIGHT;
    const next = () => {
      if (performance.now() < until) return call(done);
      if (--open === 0) resolve(ended);
    };
    const done = (error) => {
      if (error) throw error;
      ended++;
      next();
    };
    for (let i = 0; i < IN_FLIGHT; i++) next();
  });
}

async function undiciRequest({ http }, until) {
  const { Pool } = await import("undici");
  const pool = new Pool(`http://127.0.0.1:${http}`, { connections: IN_FLIGHT });
  const call = (done) =>
    pool
      .request({ path: "/", method: "GET" })
      .then(({ body }) => body.text())
      .then(() => done());
  return loop(call, until);
}

async function undiciDispatch({ http }, until) {
  const { Pool } = await import("undici");
  const pool = new Pool(`http://127.0.0.1:${http}`, { connections: IN_FLIGHT });
  const call = (done) =>
    pool.dispatch(
      { path: "/", method: "GET" },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd: () => done(),
        onResponseError: (_, error) => done(error),
      },
    );
  return loop(call, until);
}

async function grpcJs({ grpc }, until) {
  const { credentials, loadPackageDefinition } = await import("@grpc/grpc-js");
  const { loadSync } = await import("@grpc/proto-loader");
  const { bench } = loadPackageDefinition(loadSync(proto));
  const client = new bench.Echo(`127.0.0.1:${grpc}`, credentials.createInsecure());
  return loop((done) => client.say({ text: "hello" }, done), until);
}

export const peers = { "undici request": undiciRequest, "undici dispatch": undiciDispatch, "grpc-js": grpcJs };
