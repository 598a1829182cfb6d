/** A model service that speaks OpenAI's HTTP: /v1/chat/completions and /v1/completions, streamed or not. */
import type { ServerResponse } from "node:http";
import type { Ms } from "../core/model.ts";
import type { StandIn } from "../core/standin.ts";
import type { Behaviour } from "./behaviour.ts";
import { type Completion, completionOf } from "./completion.ts";
import { type HttpAnswer, type HttpRequest, httpService, type Respond } from "./http_service.ts";
import type { Service } from "./listener.ts";
import { PacedStream } from "./paced.ts";

const MODEL = "stand-in";
const RETRY_AFTER_SECONDS = 1;
/** Tokens before a stream that fails softly says so. */
const BEFORE_ERROR = 3;

type Fields = Readonly<Record<string, unknown>>;

/** How one of the two interfaces writes what a model said. */
interface Form {
  readonly object: string;
  prompt(body: Fields): string | null;
  whole(text: string): object;
  part(token: string, index: number): object;
}

const FORMS: Readonly<Record<string, Form>> = {
  "/v1/chat/completions": {
    object: "chat.completion",
    prompt: ({ messages }) => (Array.isArray(messages) && messages.length > 0 ? JSON.stringify(messages) : null),
    whole: (content) => ({ message: { role: "assistant", content } }),
    part: (content, index) => ({ delta: index === 0 ? { role: "assistant", content: "" } : { content } }),
  },
  "/v1/completions": {
    object: "text_completion",
    prompt: ({ prompt }) => (typeof prompt === "string" && prompt !== "" ? prompt : null),
    whole: (text) => ({ text }),
    part: (text) => ({ text }),
  },
};

const failure = (status: number, message: string, type: string): HttpAnswer => ({
  status,
  body: { error: { message, type, param: null, code: null } },
  ...(status === 429 ? { headers: { "retry-after": String(RETRY_AFTER_SECONDS) } } : {}),
});

/** One request that can be answered. */
interface Task {
  readonly form: Form;
  readonly body: Fields;
  readonly completion: Completion;
  /** The model fails after it has begun. */
  readonly fails: boolean;
  readonly settings: StandIn;
}

const head = ({ form, body }: Task, object: string) => ({
  id: "cmpl-1",
  object: form.object + object,
  created: 0,
  model: typeof body.model === "string" ? body.model : MODEL,
});

const finishOf = ({ finish }: Completion): string => finish.toLowerCase();

const usageOf = ({ tokens, promptTokens }: Completion) => ({
  prompt_tokens: promptTokens,
  completion_tokens: tokens.length,
  total_tokens: promptTokens + tokens.length,
  prompt_tokens_details: { cached_tokens: 0 },
});

const FAILED = { error: { message: "The stand-in failed softly", type: "server_error", code: 500 } };

function whole(task: Task): object {
  const { form, completion, fails, settings } = task;
  if (fails) return FAILED;
  const choice = { index: 0, ...form.whole(completion.text), finish_reason: finishOf(completion) };
  return { ...head(task, ""), choices: [choice], ...(settings.usage ? { usage: usageOf(completion) } : {}) };
}

/** The events of a stream: a role first in chats, then a token each, the reason of the end, the usage, and `[DONE]`. */
function eventsOf(task: Task): string[] {
  const { form, body, completion, fails, settings } = task;
  const chat = form.object === "chat.completion";
  const tokens = chat ? ["", ...completion.tokens] : completion.tokens;
  const part = (choices: object[], rest: object = {}) => ({ ...head(task, chat ? ".chunk" : ""), choices, ...rest });
  const parts: object[] = tokens.map((token, index) =>
    part([{ index: 0, ...form.part(token, index), finish_reason: null }]),
  );
  if (fails) return [...parts.slice(0, BEFORE_ERROR), FAILED].map(eventOf);
  parts.push(part([{ index: 0, ...(chat ? { delta: {} } : { text: "" }), finish_reason: finishOf(completion) }]));
  const options = body.stream_options as Fields | undefined;
  if (settings.usage && options?.include_usage === true) parts.push(part([], { usage: usageOf(completion) }));
  return [...parts.map(eventOf), "data: [DONE]\n\n"];
}

const eventOf = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

/** Writes the events one by one; the first is due now, as its latency has passed already. */
function stream(task: Task, behaviour: Behaviour, latency: Ms): (response: ServerResponse) => void {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
    const [first = "", ...rest] = eventsOf(task);
    const write = (text: string) => writeCut(response, text, task.settings.write_size);
    write(first);
    const sink = {
      get cancelled() {
        return response.destroyed;
      },
      write,
      end: () => response.end(),
    };
    const paced = new PacedStream<string>(sink, behaviour, latency / 4);
    paced.push(rest);
    paced.end();
  };
}

/** A piece of so many bytes after the other, wherever an event or a character ends. */
function writeCut(response: ServerResponse, text: string, size: number | undefined): void {
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += size ?? bytes.length)
    response.write(bytes.subarray(i, i + (size ?? bytes.length)));
}

function bodyOf({ body }: HttpRequest): Fields | null {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null ? (value as Fields) : null;
  } catch {
    return null;
  }
}

const MODELS = { object: "list", data: [{ id: MODEL, object: "model", created: 0, owned_by: "tenfold" }] };

function taskOf(request: HttpRequest, fails: boolean, settings: StandIn): Task | HttpAnswer {
  const form = FORMS[request.path];
  if (form === undefined) return failure(404, `There is no ${request.path}`, "not_found_error");
  if (request.method !== "POST") return failure(405, `Expected POST, found ${request.method}`, "invalid_request_error");
  const body = bodyOf(request);
  const prompt = body === null ? null : form.prompt(body);
  if (body === null || prompt === null)
    return failure(400, "Expected JSON with a prompt, found none", "invalid_request_error");
  const most = body.max_tokens ?? body.max_completion_tokens;
  return { form, body, completion: completionOf(prompt, typeof most === "number" ? most : 0), fails, settings };
}

export function openAi(behaviour: Behaviour, settings: StandIn): Service {
  const respond: Respond = (request, fate, latency) => {
    if (request.path === "/health") return { status: 200, body: { status: "healthy" } };
    if (request.path === "/v1/models") return { status: 200, body: MODELS };
    if (fate === "error") return failure(500, "Internal Server Error", "server_error");
    if (fate === "limited") return failure(429, "Rate limit reached", "rate_limit_error");
    const task = taskOf(request, fate === "soft-error", settings);
    if ("status" in task) return task;
    return task.body.stream === true ? { write: stream(task, behaviour, latency) } : { status: 200, body: whole(task) };
  };
  return httpService(behaviour, respond);
}
