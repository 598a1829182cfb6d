/**
 * What jiti's Babel makes of users' files. The thread that reads the config makes it; threads that begin after that are
 * given it and need no Babel, which would take each of them 20 MB and 0.2 s.
 */
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import type { TransformOptions, TransformResult } from "jiti";

interface Made {
  readonly source: string;
  readonly code: string;
}

const KEY = "tenfold.transformed";
const known = given();

/** Of this thread, or of the one that began it; what is added until then goes with it. */
function given(): Map<string, Made> {
  const all = (getEnvironmentData(KEY) as Map<string, Made> | undefined) ?? new Map<string, Made>();
  setEnvironmentData(KEY, all as never);
  return all;
}

type Transform = (options: TransformOptions) => TransformResult;

/** Makes nothing twice, as long as the file's text is the same. */
export function transformedOnce(make: Transform): Transform {
  return (options) => {
    const { source, filename, ...how } = options;
    const key = `${filename} ${JSON.stringify(how)}`;
    const made = known.get(key);
    if (made?.source === source) return { code: made.code };
    const { code } = make(options);
    known.set(key, { source, code });
    return { code };
  };
}
