/** A machine that runs out of files: what could not be sent is ours, not the service's. */
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { echoProto, serveEcho } from "../clients/grpc/fixture.ts";
import { CLI, emptyFolder, jsonReport, runFolder, writeConfig } from "./tenfold.ts";

const MODEL = JSON.stringify({ choices: [{ message: { content: "hi" }, finish_reason: "stop" }] });

/** Answers slowly enough that all users hold a connection at once. */
async function serve() {
  const http = createServer((request, response) => {
    request.resume().on("end", () => setTimeout(() => response.end(MODEL), 200));
  });
  new WebSocketServer({ server: http }).on("connection", (socket) => {
    socket.on("error", () => {}).on("message", (data) => socket.send(String(data)));
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  return { address: `127.0.0.1:${(http.address() as AddressInfo).port}`, close: () => http.closeAllConnections() };
}

test.skipIf(process.platform === "win32")(
  "calls for which no file is left are unsent, whatever their protocol, and one notice says which limit to raise",
  async () => {
    const cwd = emptyFolder();
    const { address, close } = await serve();
    const echo = await serveEcho({ Say: (call, done) => setTimeout(() => done(null, call.request), 200) });
    const text = `services:
  rest: { api: { host: "http://${address}", endpoints: [ { path: / } ] } }
  websocket: { chat: { host: "ws://${address}", messages: [ { send: hi } ] } }
  openai: { llm: { host: "http://${address}", model: m, stream: false } }
  grpc: { echo: { host: "127.0.0.1:${echo.port}", channels: per_user, proto: "${echoProto}", calls: [ { method: demo.echo.Echo/Say } ] } }
scenarios: { s: { users: 500, duration: 4s, think_time: 50ms, criteria: [ "errors == 0" ] } }
`;
    const words = [process.execPath, CLI, "--config", writeConfig(cwd, text), "--format", "json"];
    const run = promisify(execFile)("sh", ["-c", 'ulimit -n "$0" && exec "$@"', "250", ...words], { cwd });
    const { code, stdout } = await run
      .catch((error: { code: number; stdout: string }) => error)
      .then((ended) => ({ code: 0, ...ended }));
    close();
    await echo.close();
    const { endpoints, notices, verdict } = jsonReport(runFolder(cwd, "s"));
    expect([verdict, code], stdout).toEqual(["unknown", 97]);
    for (const name of ["GET /", "chat connect", "llm.chat", "echo.Say"]) {
      const told = endpoints.find((each) => each.name === name)!;
      expect(told.unsent_by.machine, name).toBeGreaterThan(0);
      expect(told.failures_by_type, name).toEqual([]);
    }
    expect(notices.filter(({ text: said }) => said.includes("EMFILE") && said.includes("ulimit -n"))).toHaveLength(1);
  },
);
