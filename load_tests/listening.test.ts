import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Plan } from "./config/load.ts";
import type { LoggedCall } from "./core/logged_call.ts";
import type { Notice, RunHeader } from "./core/model.ts";
import { NO_PLUGINS } from "./core/plugins.ts";
import { Piece } from "./engine/call_codec.ts";
import { startListening, tapFor } from "./listening.ts";

const header = {
  ...{ runId: "r1", startedAt: "2026-01-02T03:04:05.000Z", reports: { formats: [] } },
  ops: [{ service: "api", name: "GET /", protocol: "rest", method: "GET", metrics: [] }],
  scenario: {
    ...{ name: "s", seed: 1, services: [{ name: "api", host: "http://a:1" }] },
    phases: [{ name: "load", measured: true }],
  },
} as unknown as RunHeader;

const call: LoggedCall = {
  ...{ op: 0, phase: 0, user: 3, due: 1, start: 1, end: 2, outcome: "ok", status: "200", message: "" },
  ...{ requestBytes: 0, responseBytes: 1000, path: "/", body: "x".repeat(1000) },
};

/** Calls of half a megabyte. */
function fullPiece(): { bytes: Uint8Array; count: number } {
  const piece = new Piece(new ArrayBuffer(512 * 1024));
  let used = 0;
  let count = 0;
  for (let end = piece.write(0, call); end > 0; end = piece.write(used, call)) {
    used = end;
    count++;
  }
  return { bytes: new Uint8Array(piece.memory, 0, used), count };
}

test("what finds no room with the log of requests and a sink is dropped at once and counted, and nothing else is lost", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-listening-"));
  const file = join(folder, "sink.ts");
  writeFileSync(
    file,
    `let heard = 0;
     export default { call() { heard++; }, close(run) { run.log("heard " + heard); } };`,
  );
  const plan = {
    ...{ requestLog: { dir: null, runId: null }, secrets: [] },
    plugins: { ...NO_PLUGINS, sinks: [{ file, sample: 1, bodies: false }] },
  } as unknown as Plan;
  expect(tapFor(plan)).toEqual({ share: 1, bodies: true });
  const notices: Notice[] = [];
  const lines: string[] = [];
  const events = { notice: (told: Notice) => notices.push(told), log: (text: string) => lines.push(text) };
  const listening = await startListening(plan, { header, folder }, events);
  const { bytes, count } = fullPiece();
  const pieces = 60;
  // No answer of a listener is heard in between, as if the disk and the sink took nothing.
  for (let i = 0; i < pieces; i++) listening.calls({ bytes, ids: new Map(), count, dropped: 0 });
  expect(await listening.close()).toEqual({ problem: null, files: [] });

  const roomFor = Math.floor((16 * 1024 * 1024) / bytes.length) * count;
  const sent = pieces * count;
  expect(lines).toEqual([`heard ${roomFor}`]);
  const told = notices.map(({ text }) => text).sort();
  expect(told[0]).toMatch(`the log of requests lacks ${sent - roomFor} calls`);
  expect(told[1]).toMatch(`the sink sink.ts did not hear of ${sent - roomFor} of ${sent} calls`);
  const records = readFileSync(join(folder, "results_r1.jsonl"), "utf8").trim().split("\n");
  expect(records).toHaveLength(roomFor);
  expect(JSON.parse(records.at(-1)!)).toMatchObject({ request_index: roomFor - 1, response_snippet: call.body });
});
