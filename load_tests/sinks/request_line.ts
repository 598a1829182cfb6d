/** Lines of the log of requests. */
import { LOGGED_CHARACTERS, type LoggedCall } from "../core/logged_call.ts";
import { isHarmless, type Mask, maskDeep } from "../core/mask.ts";
import type { ByteText, Part } from "./byte_text.ts";
import { microsecondsOf, type Place, statusOf, urlOf } from "./place.ts";

export interface LineSetup {
  readonly runId: string;
  readonly phase: "warmup" | "measured";
  readonly mask: Mask;
}

type Put<From> = (out: ByteText, from: From) => void;

/**
 * Writes the lines of one op's calls in one phase. They resemble each other: what is the same again is copied from the line
 * before, and a line takes a fifth of the time of an object and JSON.stringify. It serves for one piece of text; nor may a
 * secret become known meanwhile, as what is copied is masked.
 */
export class LineForm {
  private readonly upToIndex: Put<string>;
  private readonly upToLatency: Put<string>;
  private readonly rest: Put<LoggedCall>;

  constructor(place: Place, { runId, phase, mask }: LineSetup) {
    const { functionId, baseUrl } = place;
    const names = `,"phase":"${phase}","function_id":${JSON.stringify(functionId)},"base_url":${JSON.stringify(mask.text(baseUrl))},"url":`;
    this.upToIndex = copied((at) => `{"run_id":"${runId}","ts_utc":"${at}","request_index":`);
    this.upToLatency = copied((path) => `${names}${JSON.stringify(mask.text(urlOf(place, path)))},"latency_ms":`);
    this.rest = copiedRest((rest) => restText(rest, place, mask));
  }

  /** `at` is ISO. */
  put(out: ByteText, call: LoggedCall, { index, at }: { index: number; at: string }): void {
    this.upToIndex(out, at);
    out.addNumber(index);
    this.upToLatency(out, call.path);
    out.addThousandths(microsecondsOf(call));
    this.rest(out, call);
  }
}

function copied(make: (from: string) => string): Put<string> {
  let before: string | null = null;
  let part: Part;
  return (out, from) => {
    if (from === before) out.repeat(part);
    else {
      part = out.add(make(from));
      before = from;
    }
  };
}

type Rest = Pick<LoggedCall, "outcome" | "status" | "message" | "requestBytes" | "responseBytes" | "body">;

const isSame = (a: Rest, b: Rest): boolean =>
  a.body === b.body &&
  a.status === b.status &&
  a.outcome === b.outcome &&
  a.message === b.message &&
  a.requestBytes === b.requestBytes &&
  a.responseBytes === b.responseBytes;

function copiedRest(make: (rest: Rest) => string): Put<LoggedCall> {
  let before: Rest | null = null;
  let part: Part;
  return (out, { outcome, status, message, requestBytes, responseBytes, body }) => {
    const rest = { outcome, status, message, requestBytes, responseBytes, body };
    if (before !== null && isSame(before, rest)) out.repeat(part);
    else part = out.add(make(rest));
    before = rest;
  };
}

function restText(rest: Rest, place: Place, mask: Mask): string {
  const { status, requestBytes, responseBytes, body } = rest;
  return `,"status_code":${JSON.stringify(statusOf(place, status))},"request_bytes":${requestBytes},"response_bytes":${responseBytes},"error":${errorText(rest)}${answerText(body, mask)}}\n`;
}

function errorText({ outcome, message, status }: Rest): string | null {
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
