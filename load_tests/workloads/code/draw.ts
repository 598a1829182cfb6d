/** Random values for code, from the user's own stream. */
import type { CodeRandom } from "../../core/code.ts";
import { DRAWS } from "../../core/draws.ts";
import { integer, type Random, uniform } from "../../core/random.ts";

export const drawsOf = (random: Random): CodeRandom => ({
  next: () => random.next(),
  int: (min, max) => integer(random, min, max),
  float: (min = 0, max = 1) => uniform(random, min, max),
  pick: (list) => {
    if (list.length === 0) throw new RangeError("expected a list to pick from, found an empty one");
    return list[integer(random, 0, list.length - 1)]!;
  },
  draw: (word, ...args) => {
    const draw = DRAWS.get(`random.${word}`);
    const drawn = draw?.make(args);
    if (drawn === undefined)
      throw new TypeError(draw === undefined ? `expected ${WORDS}, found "${word}"` : `expected ${draw.usage}`);
    return drawn(random);
  },
});

const WORDS = [...DRAWS.keys()].map((word) => word.replace("random.", "")).join(", ");
