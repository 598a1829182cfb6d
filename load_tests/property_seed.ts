/**
 * Property tests draw the same cases each time, so that a red build can be repeated and a green one means the change.
 * `PROPERTY_SEED=random` draws new ones; `PROPERTY_RUNS` draws more of them where a test names no number.
 */
import fc from "fast-check";

const { PROPERTY_SEED = "20", PROPERTY_RUNS } = process.env;
fc.configureGlobal({
  ...(PROPERTY_SEED === "random" ? {} : { seed: Number(PROPERTY_SEED) }),
  ...(PROPERTY_RUNS ? { numRuns: Number(PROPERTY_RUNS) } : {}),
});
