/** The address at which stand-ins are told to misbehave while they run: JSON over HTTP, on loopback alone. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import { grpcStandInSchema, standInSchema } from "../core/standin.ts";
import { listen } from "./listener.ts";
import type { Targets } from "./start.ts";

export interface Control {
  readonly address: string;
  close(): Promise<void>;
}

/** What cannot be changed under way. */
const FIXED = { rate_limits: true, usage: true, write_size: true, push_every: true, plays: true } as const;
const SCHEMAS = { http: standInSchema.omit(FIXED), grpc: grpcStandInSchema.omit(FIXED) };

const LARGEST_BODY = 64 * 1024;

async function bodyOf(message: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const part of message.setEncoding("utf8")) {
    text += part;
    if (text.length > LARGEST_BODY) break;
  }
  return JSON.parse(text);
}

/** Every mistake of what was asked for, as sentences; nothing is changed where there is one. */
function change(targets: Targets, asked: unknown): string[] {
  const named = z.record(z.string(), z.unknown()).safeParse(asked);
  if (!named.success) return ['expected an object such as {"llm": {"hang_rate": 0.5}}'];
  const read = Object.entries(named.data).map(([name, dials]) => ({ name, result: readDials(targets, name, dials) }));
  const problems = read.flatMap(({ result }) => (typeof result === "string" ? [result] : []));
  if (problems.length > 0) return problems;
  for (const { name, result } of read) if (typeof result !== "string") targets.change(name, result);
  return [];
}

function readDials(targets: Targets, name: string, dials: unknown) {
  const address = targets.addresses[name];
  if (address === undefined)
    return `no stand-in is named ${JSON.stringify(name)}: expected one of ${Object.keys(targets.addresses).join(", ")}`;
  const { success, data, error } = SCHEMAS[address.includes("://") ? "http" : "grpc"].safeParse(dials);
  const said = Object.keys(dials ?? {});
  if (success) return Object.fromEntries(Object.entries(data).filter(([key]) => said.includes(key)));
  return error.issues.map((issue) => `${[name, ...issue.path].join(".")}: ${sentenceOf(issue)}`).join("\n");
}

/** A wrong key of a map says itself what was expected. */
const sentenceOf = (issue: z.core.$ZodIssue): string =>
  issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;

async function answer(targets: Targets, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const say = (code: number, body: object) =>
    response.writeHead(code, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
  if (message.url !== "/faults") return void say(404, { error: "expected GET, POST or DELETE /faults" });
  if (message.method === "POST") {
    const asked = await bodyOf(message).catch(() => undefined);
    const problems = change(targets, asked);
    if (problems.length > 0) return void say(400, { error: problems.join("\n") });
  } else if (message.method === "DELETE") {
    for (const name of Object.keys(targets.addresses)) targets.change(name, null);
  } else if (message.method !== "GET") return void say(405, { error: "expected GET, POST or DELETE" });
  say(200, targets.settings());
}

/** Answers `GET`, `POST` and `DELETE /faults`. Rejects with a sentence where the port cannot be had. */
export async function startControl(targets: Targets, port: number): Promise<Control> {
  const server = createServer((message, response) => void answer(targets, message, response));
  const { port: had, slam } = await listen("control", port, (socket) => void server.emit("connection", socket));
  return { address: `http://127.0.0.1:${had}`, close: slam };
}
