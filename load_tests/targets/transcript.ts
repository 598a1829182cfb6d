/** What a recognizer hears in audio of a length: the same words for the same length, at the pace of speech. */
import type { Ms } from "../core/model.ts";

const WORDS =
  "the quick brown fox jumps over a lazy dog while seven small boats sail home before the evening rain".split(" ");
const MS_PER_WORD = 400;
/** Shorter audio holds no speech. */
export const SHORTEST_SPEECH: Ms = 100;
const MOST_WORDS = 10_000;

/** Words by their time; empty below 100 ms. */
export function wordsOf(duration: Ms): { word: string; start: Ms; end: Ms }[] {
  if (!(duration >= SHORTEST_SPEECH)) return [];
  const count = Math.min(MOST_WORDS, Math.ceil(duration / MS_PER_WORD));
  return Array.from({ length: count }, (_, i) => ({
    word: WORDS[i % WORDS.length]!,
    start: i * MS_PER_WORD,
    end: Math.min(duration, (i + 1) * MS_PER_WORD),
  }));
}

export const transcriptOf = (duration: Ms): string =>
  wordsOf(duration)
    .map(({ word }) => word)
    .join(" ");
