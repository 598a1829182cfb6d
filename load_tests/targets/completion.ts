/** What a language model says to a prompt: the same tokens for the same prompt. */
import { digest } from "./digest.ts";

const WORDS =
  "load rises until a queue forms and then every answer waits for those before it so measure from the time it was due".split(
    " ",
  );
const FEWEST = 8;
const SPREAD = 17;

export interface Completion {
  /** A word each, with the space before it. */
  readonly tokens: readonly string[];
  readonly text: string;
  readonly finish: "STOP" | "LENGTH";
  readonly promptTokens: number;
}

/** Between 8 and 24 tokens, cut at `maxTokens` where that is above 0. */
export function completionOf(prompt: string, maxTokens = 0): Completion {
  const hash = digest(prompt);
  const wanted = FEWEST + (hash % SPREAD);
  const count = maxTokens > 0 ? Math.min(wanted, maxTokens) : wanted;
  const tokens = Array.from({ length: count }, (_, i) => (i === 0 ? "" : " ") + WORDS[(hash + i) % WORDS.length]!);
  return {
    tokens,
    text: tokens.join(""),
    finish: count < wanted ? "LENGTH" : "STOP",
    promptTokens: countWords(prompt),
  };
}

export const countWords = (text: string): number => text.match(/\S+/g)?.length ?? 0;
