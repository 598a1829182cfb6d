/** A language model service, june.llm.LLMInference: tokens that depend on the prompt, one a message in streams. */
import type { Ms } from "../core/model.ts";
import { randomStream, uniform } from "../core/random.ts";
import type { Behaviour } from "./behaviour.ts";
import { type Completion, completionOf } from "./completion.ts";
import { digest } from "./digest.ts";
import { grpcService, type Method, serverStream, unary } from "./grpc_service.ts";
import type { Service } from "./listener.ts";
import { voiceService } from "./proto.ts";

const NAME = "june.llm.LLMInference";
const LONGEST_PROMPT = 100_000;
const DIMENSION = 384;

interface Parameters {
  readonly params?: { readonly max_tokens?: number };
}
interface GenerationRequest extends Parameters {
  readonly prompt?: string;
}
interface ChatRequest extends Parameters {
  readonly messages?: readonly { readonly content?: string }[];
}
interface EmbeddingRequest {
  readonly texts?: readonly string[];
}

const promptOf = (request: GenerationRequest): string => request.prompt ?? "";
const chatPromptOf = (request: ChatRequest): string =>
  (request.messages ?? []).map((message) => message.content ?? "").join("\n");

function refusePrompt(prompt: string): string | null {
  if (prompt.trim() === "") return "prompt: expected text, found none";
  return prompt.length > LONGEST_PROMPT ? `prompt: expected at most ${LONGEST_PROMPT} characters` : null;
}

function usageOf({ tokens, promptTokens }: Completion, latency: Ms) {
  return {
    tokens_generated: tokens.length,
    tokens_per_second: (tokens.length / Math.max(1, latency)) * 1000,
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: tokens.length,
      total_tokens: promptTokens + tokens.length,
      prompt_cache_hits: 0,
    },
  };
}

/** A method that completes a prompt: how to read it out of a request and how to write the answer. */
interface Form<Q, A> {
  prompt(request: Q): string;
  answer(completion: Completion, latency: Ms): A;
  readonly soft: A;
}

const completing = <Q extends Parameters, A>(form: Form<Q, A>): Method<Q, A> => ({
  answer: (request, latency) => form.answer(completionOf(form.prompt(request), request.params?.max_tokens), latency),
  soft: () => form.soft,
  refuse: (request) => refusePrompt(form.prompt(request)),
});

const generate = completing<GenerationRequest, object>({
  prompt: promptOf,
  answer: (completion, latency) => ({
    text: completion.text,
    finish_reason: completion.finish,
    ...usageOf(completion, latency),
  }),
  soft: { text: "", finish_reason: "ERROR" },
});

const chat = completing<ChatRequest, object>({
  prompt: chatPromptOf,
  answer: (completion, latency) => ({
    message: { role: "assistant", content: completion.text },
    ...usageOf(completion, latency),
  }),
  soft: { message: { role: "assistant", content: "" } },
});

/** The end of a stream is marked on its last token, as a proto3 default looks like STOP. */
const ending = ({ tokens, finish }: Completion, index: number) =>
  index === tokens.length - 1 ? { is_final: true, finish_reason: finish } : {};

const generateStream = completing<GenerationRequest, object[]>({
  prompt: promptOf,
  answer: (completion) => completion.tokens.map((token, index) => ({ token, index, ...ending(completion, index) })),
  soft: [{ token: "", is_final: true, finish_reason: "ERROR" }],
});

const chatStream = completing<ChatRequest, object[]>({
  prompt: chatPromptOf,
  answer: (completion) =>
    completion.tokens.map((token, index) => ({
      content_delta: token,
      role: "assistant",
      ...ending(completion, index),
    })),
  soft: [{ content_delta: "", role: "assistant", is_final: true, finish_reason: "ERROR" }],
});

function embeddingOf(text: string): number[] {
  const random = randomStream(digest(text));
  return Array.from({ length: DIMENSION }, () => uniform(random, -1, 1));
}

const embed: Method<EmbeddingRequest, object> = {
  answer: ({ texts = [] }) => ({ embeddings: texts.flatMap(embeddingOf), dimension: DIMENSION }),
  soft: () => ({ embeddings: [], dimension: 0 }),
};

const health: Method<object, object> = {
  answer: () => ({
    healthy: true,
    version: "stand-in",
    model_name: "stand-in",
    max_context_length: 8192,
    supports_streaming: true,
  }),
  soft: () => ({ healthy: false, version: "stand-in" }),
};

export function languageModel(behaviour: Behaviour): Service {
  const methods = {
    Generate: unary(behaviour, generate),
    GenerateStream: serverStream(behaviour, generateStream),
    Chat: unary(behaviour, chat),
    ChatStream: serverStream(behaviour, chatStream),
    Embed: unary(behaviour, embed),
    HealthCheck: unary(behaviour, health),
  };
  return grpcService([{ name: NAME, definition: voiceService("llm.proto", NAME), methods }], behaviour);
}
