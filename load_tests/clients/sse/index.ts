/** OpenAI-compatible HTTP with server-sent events: the protocol plug-in of `services.openai`. */
import { defineProtocol } from "../../core/plugin.ts";
import { openAiSchema, prompt, type RawOpenAi } from "./schema.ts";

export const openai = defineProtocol<RawOpenAi>({
  kind: "openai",
  testType: "rest",
  schema: openAiSchema,
  steps: { list: "prompts", entry: prompt, words: { prompt: { key: "prompt" }, messages: { key: "messages" } } },
  resolve: async (...service) => (await import("./resolve.ts")).resolveOpenAi(...service),
  open: async (...service) => (await import("./client.ts")).openOpenAi(...service),
  probe: async (...service) => (await import("./probe.ts")).probeOpenAi(...service),
});
