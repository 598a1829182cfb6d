// A line for each call that took longer than two seconds: `plugins: [ ./sinks/slow_requests.ts ]` in the config.
import { defineSink } from "tenfold";

const LIMIT_MS = 2000;

export default defineSink({
  call({ name, latency }, run) {
    if (latency > LIMIT_MS) run.log(`Slow request: ${name} took ${Math.round(latency)} ms`);
  },
});
