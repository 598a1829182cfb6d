/** OpenAI-compatible HTTP with server-sent events: the protocol plug-in of `services.openai`. */
import { defineProtocol } from "../../core/plugin.ts";
import { openOpenAi } from "./client.ts";
import { probeOpenAi } from "./probe.ts";
import { resolveOpenAi } from "./resolve.ts";
import { openAiSchema, prompt, type RawOpenAi } from "./schema.ts";

export const openai = defineProtocol<RawOpenAi>({
  kind: "openai",
  testType: "rest",
  schema: openAiSchema,
  steps: { list: "prompts", entry: prompt, words: { prompt: { key: "prompt" }, messages: { key: "messages" } } },
  resolve: resolveOpenAi,
  open: openOpenAi,
  probe: probeOpenAi,
});
