/** What the summary of the log says of one function at one address. */
import { Histogram } from "../core/histogram.ts";
import type { LoggedCall } from "../core/logged_call.ts";
import type { Mask } from "../core/mask.ts";
import { latencyOf, type Place, statusOf } from "./place.ts";

export class Figures {
  private readonly place: Place;
  private readonly latency = new Histogram();
  private readonly statuses = new Map<string, number>();
  private count = 0;
  private ok = 0;
  private request = 0;
  private response = 0;

  constructor(place: Place) {
    this.place = place;
  }

  add(call: LoggedCall): void {
    const { status } = call;
    this.count++;
    if (call.outcome === "ok") this.ok++;
    this.latency.record(latencyOf(call));
    this.request += call.requestBytes;
    this.response += call.responseBytes;
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  toJSON(): object {
    const { latency, count } = this;
    return {
      count,
      ok_count: this.ok,
      error_count: count - this.ok,
      latency_ms: {
        p50: latency.percentile(0.5) ?? null,
        p95: latency.percentile(0.95) ?? null,
        p99: latency.percentile(0.99) ?? null,
        min: latency.min,
        max: latency.max,
        mean: latency.sum / Math.max(1, latency.count),
      },
      bytes: { request_mean: this.request / Math.max(1, count), response_mean: this.response / Math.max(1, count) },
      http_status_counts: Object.fromEntries(this.counts()),
    };
  }

  /** By status as it is told; what has none in the protocol's words is "null". */
  private counts(): [string, number][] {
    const counts = new Map<string, number>();
    for (const [status, count] of this.statuses) {
      const told = String(statusOf(this.place, status));
      counts.set(told, (counts.get(told) ?? 0) + count);
    }
    return [...counts].sort(([a], [b]) => a.localeCompare(b));
  }
}

/** Of all functions at all addresses. */
export class FiguresByFunction {
  private readonly all = new Map<string, Map<string, Figures>>();

  of(place: Place): Figures {
    const { functionId, baseUrl } = place;
    const urls = this.all.get(functionId) ?? new Map<string, Figures>();
    this.all.set(functionId, urls);
    const found = urls.get(baseUrl) ?? new Figures(place);
    urls.set(baseUrl, found);
    return found;
  }

  /** As plain data, masked. */
  told(mask: Mask): object {
    const shown = (urls: Map<string, Figures>) =>
      Object.fromEntries([...urls].map(([url, each]) => [mask.text(url), each]));
    return Object.fromEntries([...this.all].map(([id, urls]) => [id, shown(urls)]));
  }
}
