/** Lines of the log of requests. */
import { LOGGED_CHARACTERS, type LoggedCall } from "../core/logged_call.ts";
import { isHarmless, type Mask, maskDeep } from "../core/mask.ts";
import { microsecondsOf, type Place, statusOf, urlOf } from "./place.ts";

/** Writes one line, with its end. `at` is ISO. */
export type LineForm = (call: LoggedCall, index: number, at: string) => string;

export interface LineSetup {
  readonly runId: string;
  readonly phase: "warmup" | "measured";
  readonly mask: Mask;
}

/**
 * What writes the lines of one op's calls in one phase: by hand, with what is the same again kept, in a fifth of the time
 * of an object and JSON.stringify. What is kept is masked: it must not live on when a secret becomes known.
 */
export function lineForm(place: Place, { runId, phase, mask }: LineSetup): LineForm {
  const start = `{"run_id":"${runId}","ts_utc":"`;
  const names = `,"phase":"${phase}","function_id":${JSON.stringify(place.functionId)},"base_url":${JSON.stringify(mask.text(place.baseUrl))},"url":`;
  const url = kept((path) => names + JSON.stringify(mask.text(urlOf(place, path))));
  const status = kept((text) => JSON.stringify(statusOf(place, text)));
  const answer = kept((body) => `${answerText(body, mask)}}\n`);
  return (call, index, at) =>
    `${start}${at}","request_index":${index}${url(call.path)},"latency_ms":${latencyText(call)},"status_code":${status(call.status)},"request_bytes":${call.requestBytes},"response_bytes":${call.responseBytes},"error":${errorText(call)}${answer(call.body)}`;
}

/** Gives what it gave before, where it is asked for the same again: most calls of an op resemble each other. */
export function kept(make: (from: string) => string): (from: string) => string {
  let before: string | null = null;
  let text = "";
  return (from) => {
    if (from !== before) {
      text = make(from);
      before = from;
    }
    return text;
  };
}

/** By thousandths of a millisecond. */
const FRACTIONS = Array.from({ length: 1000 }, (_, n) => String(n / 1000).slice(1));

/** In milliseconds; a number with a fraction takes V8 three times as long. */
function latencyText(call: LoggedCall): string {
  const all = microsecondsOf(call);
  const fraction = all % 1000;
  return `${(all - fraction) / 1000}${FRACTIONS[fraction] ?? ""}`;
}

function errorText({ outcome, message, status }: LoggedCall): string | null {
  if (outcome === "ok") return null;
  return JSON.stringify(message === "" ? `${outcome}${status === "" ? "" : ` ${status}`}` : `${outcome}: ${message}`);
}

/** The answer, masked: as JSON where it is that and whole, else its beginning. With the comma before it. */
function answerText(body: string, mask: Mask): string {
  if (body === "") return "";
  const text = body.length <= LOGGED_CHARACTERS ? jsonText(body.trim(), mask) : null;
  if (text !== null) return `,"response_json":${text}`;
  return `,"response_snippet":${JSON.stringify(mask.text(body).slice(0, LOGGED_CHARACTERS))}`;
}

/** Null where it is none. Most answers hold nothing to mask: they stay as they are. */
function jsonText(body: string, mask: Mask): string | null {
  try {
    const value: unknown = JSON.parse(body);
    return isHarmless(body, mask) ? body : JSON.stringify(maskDeep(value, mask));
  } catch {
    return null;
  }
}
