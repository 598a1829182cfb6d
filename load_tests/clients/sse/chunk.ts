/** What one JSON object of a model's answer says: a whole completion, or a part of a streamed one. */

export interface Usage {
  /** Tokens that the model wrote; null where it does not say. */
  readonly tokens: number | null;
  readonly promptTokens: number | null;
  /** Tokens of the prompt that came from a cache. */
  readonly cachedTokens: number | null;
}

export interface Chunk {
  /** What a reader sees. */
  readonly text: string;
  /** Whether anything was written at all: text, thoughts, a call of a tool. Roles and empty parts are nothing. */
  readonly hasContent: boolean;
  readonly finish: string | null;
  readonly usage: Usage | null;
  readonly error: Refusal | null;
}

/** A failure that came as data. */
export interface Refusal {
  readonly message: string;
  /** The server's own: a status, or a word such as `rate_limit_exceeded`. */
  readonly code: string;
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);

/** Null for what is no object. */
export function readChunk(json: unknown): Chunk | null {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return null;
  const fields = json as Fields;
  const choices = listOf(fields.choices).map(fieldsOf);
  const parts = choices.map(partOf);
  return {
    text: parts.map(({ text }) => text).join(""),
    hasContent: parts.some(({ hasContent }) => hasContent),
    finish: choices.map((choice) => textOf(choice.finish_reason)).find((word) => word !== "") ?? null,
    usage: usageOf(fields.usage),
    error: refusalOf(fields),
  };
}

/** `delta` of a streamed chat, `message` of a whole one, `text` of a completion. */
function partOf(choice: Fields): { text: string; hasContent: boolean } {
  const said = fieldsOf(choice.delta ?? choice.message);
  const text = textOf(said.content) || textOf(said.refusal) || textOf(choice.text);
  const thought = textOf(said.reasoning_content) || textOf(said.reasoning);
  const tools = listOf(said.tool_calls).map((tool) => fieldsOf(fieldsOf(tool).function));
  const called = tools.some(({ name, arguments: input }) => textOf(name) !== "" || textOf(input) !== "");
  return { text, hasContent: text !== "" || thought !== "" || called };
}

function usageOf(value: unknown): Usage | null {
  if (typeof value !== "object" || value === null) return null;
  const { completion_tokens, prompt_tokens, prompt_tokens_details } = fieldsOf(value);
  return {
    tokens: numberOf(completion_tokens),
    promptTokens: numberOf(prompt_tokens),
    cachedTokens: numberOf(fieldsOf(prompt_tokens_details).cached_tokens),
  };
}

/** `{error: {message, code}}`, `{error: "text"}`, or `{object: "error", message}` as vLLM has it; null of others. */
export function refusalOf(fields: Fields): Refusal | null {
  const { error } = fields;
  if (typeof error === "string" && error !== "") return { message: error, code: textOf(fields.error_type) };
  const said = fields.object === "error" ? fields : fieldsOf(error);
  if (said === fields || (typeof error === "object" && error !== null)) {
    const code = said.code ?? said.type ?? "";
    return { message: textOf(said.message) || JSON.stringify(error ?? fields), code: String(code) };
  }
  return null;
}
