/** A function behind HTTP, as cloud functions are: JSON in, JSON out, with inline data up to a size. */
import type { StandIn } from "../core/standin.ts";
import type { Behaviour } from "./behaviour.ts";
import { type HttpAnswer, type HttpRequest, httpService, type Respond } from "./http_service.ts";
import type { Service } from "./listener.ts";

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf({ body }: HttpRequest): Fields | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

const failure = (status: number, error: string): HttpAnswer => ({ status, body: { ok: false, error } });

/** What a converted picture or film is of the one that came. */
const SHRINKS_TO = 0.5;

function work(fields: Fields, most: number): HttpAnswer {
  const { data, return_inline: inline, gcs_uri: uri } = fields;
  const input = typeof data === "string" ? Buffer.from(data, "base64").length : 0;
  if (input > most) return failure(413, `Inline data of ${input} bytes: ${most} are taken at most`);
  const output = Math.floor(input * SHRINKS_TO);
  const answer = { ok: true, input_bytes: input, output_bytes: output };
  if (inline === true) return { status: 200, body: { ...answer, data: Buffer.alloc(output).toString("base64") } };
  return { status: 200, body: typeof uri === "string" ? { ...answer, gcs_uri: `${uri}.out` } : answer };
}

/** `settings.max_inline`: bytes of data from which on it answers 413. */
export function cloudFunction(behaviour: Behaviour, settings: StandIn): Service {
  const respond: Respond = (request, fate) => {
    if (fate === "error") return failure(500, "Internal Server Error");
    if (fate === "limited") return failure(429, "Too Many Requests");
    if (fate === "soft-error") return { status: 200, body: { ok: false, error: "The stand-in failed softly" } };
    if (request.method !== "POST") return failure(405, `Expected POST, found ${request.method}`);
    const fields = fieldsOf(request);
    return fields === null ? failure(400, "Expected a JSON object") : work(fields, settings.max_inline);
  };
  return httpService(behaviour, respond);
}
