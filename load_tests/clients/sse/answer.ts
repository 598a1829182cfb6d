/** A model's answer as it comes: what was said so far, and what it amounts to in the end. */
import { bounded } from "../../core/escape.ts";
import type { Answer } from "../../core/plugin.ts";
import { type Ending, outcomeOfStatus } from "../failure.ts";
import type { AnswerFields } from "../wire/answer_fields.ts";
import { type Chunk, type Refusal, readChunk, type Usage } from "./chunk.ts";

/** Characters of a text that are kept for checks; the rest is counted. */
const KEPT = 64 * 1024;
const SHOWN = 200;
/** Ends of a model that failed. */
const FAILED = new Set(["error", "abort", "ERROR"]);

export class ModelAnswer implements Answer {
  readonly code: number;
  readonly status: string;
  size = 0;
  usage: Usage | null = null;
  /** Events with content. */
  chunks = 0;
  private readonly fields: AnswerFields;
  private said = "";
  private finish: string | null = null;
  private isDone = false;
  /** Of an answer that was not streamed. */
  private whole: unknown;

  constructor(code: number, fields: AnswerFields) {
    this.code = code;
    this.status = String(code);
    this.fields = fields;
  }

  /** Takes one part; gives what is wrong with it, null if nothing is. `text` is as it came. */
  take(text: string): Ending | null {
    const chunk = readChunk(parsed(text));
    if (chunk === null) return this.invalid(`expected JSON with choices, found ${bounded(text.trim(), SHOWN)}`);
    if (chunk.error !== null) return refused(chunk.error, this.status);
    this.add(chunk);
    return null;
  }

  /** Takes an answer that was not streamed. */
  takeWhole(text: string): Ending | null {
    this.isDone = true;
    this.whole = parsed(text);
    return this.take(text);
  }

  /** The server said that there is no more. */
  done(): null {
    this.isDone = true;
    return null;
  }

  /** What became of an answer that came whole. */
  ending(): Ending {
    if (!this.isDone && this.finish === null)
      return this.invalid("expected finish_reason or [DONE] before the end, found neither: the answer is not whole");
    if (this.finish !== null && FAILED.has(this.finish)) return this.invalid(`finish_reason is ${this.finish}`);
    if (this.chunks === 0) return this.invalid("expected an answer with content, found none");
    return { outcome: "ok", status: this.status, message: "" };
  }

  invalid(message: string): Ending {
    return { outcome: "invalid", status: this.status, message };
  }

  header(name: string): string | undefined {
    return this.fields.values(name)[0];
  }

  /** What was said, without what is around it. */
  text(): string {
    return this.said;
  }

  /** The parts of a stream as an answer that is not streamed has them. */
  json(): unknown {
    if (this.whole !== undefined) return this.whole;
    const message = { role: "assistant", content: this.said };
    const { tokens = null, promptTokens = null } = this.usage ?? {};
    const usage = { completion_tokens: tokens, prompt_tokens: promptTokens };
    return { choices: [{ message, text: this.said, finish_reason: this.finish }], usage };
  }

  /** Keeps the text of an answer that is none of a model's. */
  keep(text: string): void {
    this.said = text.slice(0, KEPT);
  }

  private add({ text, hasContent, finish, usage }: Chunk): void {
    if (hasContent) this.chunks++;
    if (text !== "" && this.said.length < KEPT) this.said = (this.said + text).slice(0, KEPT);
    if (finish !== null) this.finish = finish;
    if (usage !== null) this.usage = usage;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Failures that came with a status of success. A server out of room says so by a code or in words. */
function refused({ message, code }: Refusal, status: string): Ending {
  const limited = code === "429" || /rate.?limit|too many requests|overloaded/i.test(`${code} ${message}`);
  return { outcome: limited ? "limited" : "invalid", status, message: bounded(message, SHOWN) };
}

/** A status that says what failed; the message is the body's, where it has one. */
export function failureOf(code: number, statusText: string, body: string): Ending {
  const said = readChunk(parsed(body))?.error?.message ?? body.trim();
  const message = bounded(said === "" ? statusText : statusText === "" ? said : `${statusText}: ${said}`, SHOWN);
  return { outcome: outcomeOfStatus(code), status: String(code), message };
}
