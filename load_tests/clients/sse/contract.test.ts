import { describe } from "vitest";
import { describeClient } from "../contract.ts";
import { outcomeOfConnect } from "../failure.ts";
import type { Misbehaviours } from "../faults.ts";
import { flood, HTTP_FAULTS, rawServer } from "../raw_http.ts";
import { DONE, delta, serveModel, streamOf } from "./fixture.ts";
import { openai } from "./index.ts";

const STREAM = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
const PIECES = 800;

const faults: Misbehaviours = {
  ...HTTP_FAULTS,
  oversize: {
    serve: () =>
      rawServer((socket) => {
        socket.write(`${STREAM}\r\ndata: `);
        flood(socket, PIECES, "x".repeat(64 * 1024));
      }),
    status: "200",
  },
  huge_content: {
    serve: () =>
      rawServer((socket) => {
        const piece = delta("x".repeat(64 * 1024), "stop");
        socket.write(`${STREAM}content-length: ${PIECES * piece.length}\r\n\r\n`);
        flood(socket, PIECES, piece);
      }),
    status: "200",
  },
  for_no_one: {
    serve: () =>
      rawServer((socket) => void socket.write(streamOf(": nobody\n\n", "id: 1\n\n", delta("hello", "stop"), DONE))),
    status: "200",
  },
};

const config = { model: "m", cache: "warm", prompts: [{ prompt: "{{user.id}}", checks: ["body not empty"] }] };

describe.each(["fast", "reference"])("driver: %s", (driver) => {
  describeClient("openai", {
    protocol: openai,
    serve: serveModel,
    config: (address) => ({ host: `http://${address}`, connections: "per_user", driver, ...config }),
    userOf: (json) => (json as { choices: { message: { content: string } }[] }).choices[0]?.message.content,
    statuses: { echo: "200", "client-error": "404", "server-error": "503", limited: "429" },
    perUser: true,
    outcomeOf: outcomeOfConnect,
    faults,
    secure: (address, ca) => ({ host: `https://${address}`, driver, tls: { ca }, ...config }),
  });
});
