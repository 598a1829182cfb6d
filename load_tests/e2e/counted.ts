/** A stand-in behind a counter: what a run says can be held against what came. */
import { request as forward } from "node:http";
import { standInSchema, type TargetSpec } from "../core/standin.ts";
import { startTargets } from "../targets/start.ts";
import { type Service, serve } from "./service.ts";

export async function countedStandIn(kind: TargetSpec["kind"]): Promise<Service> {
  const settings = standInSchema.parse({ latency: 0, jitter: 0 });
  const targets = await startTargets([{ name: kind, kind, settings, port: 0, protos: [], includeDirs: [] }]);
  const address = targets.addresses[kind]!;
  const service = await serve((request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const onward = forward(address + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward.on("error", () => response.destroy()));
  });
  return { ...service, close: () => Promise.all([service.close(), targets.close()]).then(() => {}) };
}

/** Requests whose `METHOD /path` matches. */
export const countOf = ({ counts }: Service, pattern: RegExp): number =>
  [...counts].reduce((sum, [key, n]) => (pattern.test(key) ? sum + n : sum), 0);

/** Pearson's statistic of counts against weights; with k of them, k - 1 degrees of freedom. */
export function chiSquare(counts: readonly number[], weights: readonly number[]): number {
  const [n, whole] = [counts, weights].map((list) => list.reduce((sum, each) => sum + each, 0)) as [number, number];
  return counts.reduce(
    (sum, count, i) => sum + (count - (n * weights[i]!) / whole) ** 2 / ((n * weights[i]!) / whole),
    0,
  );
}
