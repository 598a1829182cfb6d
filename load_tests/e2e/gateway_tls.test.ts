/** A June gateway behind TLS: its calls and its conversations trust the same authority. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { type Certificates, makeCertificates } from "../clients/certificates.ts";
import { emptyFolder, jsonReport, runFolder, tenfold, writeConfig } from "./tenfold.ts";

let made: Certificates;
beforeAll(() => {
  made = makeCertificates();
});
afterAll(() => made.remove());

/** Says healthy, and answers every frame; counts both. */
async function serve() {
  const seen = { calls: 0, gzipped: 0, frames: 0 };
  const server = createServer(made.good.pem, (request, response) => {
    seen.calls++;
    if (request.headers["accept-encoding"]?.includes("gzip")) seen.gzipped++;
    response.setHeader("content-type", "application/json").end('{"status":"healthy"}');
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) =>
    socket.on("message", () => {
      seen.frames++;
      socket.send('{"type":"response","text":"hello"}');
    }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
  };
  return { seen, host: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

const config = (host: string, tls: string) => `
services:
  gateway:
    host: "${host}"
    tls: ${tls}
    compression: true
    rest_endpoints: [ { path: /health } ]
    websocket: { path: "/ws/{user_id}" }
scenarios: { s: { users: 10, think_time: 50ms, duration: 1s } }
`;

test("its calls and its conversations go over TLS, and compression is HTTP's alone", async () => {
  const { seen, host, close } = await serve();
  const cwd = emptyFolder();
  const path = writeConfig(cwd, config(host, `{ ca: "${made.authority.cert}" }`));
  const { code, stdout, stderr } = await tenfold(["--config", path, "--format", "json"], cwd);
  close();
  expect(code, `${stdout}${stderr}`).toBe(0);
  const { endpoints } = jsonReport(runFolder(cwd, "s"));
  const ok = (name: string) => endpoints.find((each) => each.name === name)!.requests;
  expect(seen.frames).toBe(ok("gateway message"));
  expect(seen.calls - ok("GET /health")).toBeLessThanOrEqual(2);
  expect(seen.gzipped).toBeGreaterThanOrEqual(ok("GET /health"));
});

test("a certificate that is none is told at its place", async () => {
  const cwd = emptyFolder();
  const path = writeConfig(cwd, config("https://127.0.0.1:9", `{ ca: "${made.authority.key}" }`));
  const { code, stderr } = await tenfold(["--config", path], cwd);
  expect(code).toBe(104);
  expect(stderr).toMatch(/tenfold\.yaml:5:\d+: services\.gateway\.tls\.ca: expected a file with PEM/);
  expect(stderr.match(/expected a file with PEM/g)).toHaveLength(1);
});
