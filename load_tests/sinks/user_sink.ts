/** A user's sink: hands it each call, one after the other, and tells of what it throws. */
import { formatWithOptions } from "node:util";
import type { LoggedCall, LoggedCalls } from "../core/logged_call.ts";
import type { Mask } from "../core/mask.ts";
import type { Notice, RunHeader } from "../core/model.ts";
import type { Sink, SinkCall, SinkRun } from "../core/sink.ts";
import { latencyOf, type Place, placesOf, urlOf } from "./place.ts";

export interface SinkSetup {
  /** As messages call it. */
  readonly name: string;
  readonly sink: Sink;
  readonly header: RunHeader;
  readonly mask: Mask;
  log(line: string): void;
  notice(notice: Notice): void;
  /** What was thrown, with its file and line. */
  describe(error: unknown): string;
}

/** Lines that a sink says in a run. */
const MOST_LINES = 1000;
/** Kinds of exceptions that are told as they come. */
const MOST_TOLD = 10;

export class UserSink {
  private readonly setup: SinkSetup;
  private readonly run: SinkRun;
  private readonly callOf: (call: LoggedCall) => SinkCall;
  private readonly told = new Set<string>();
  private lines = 0;
  private heard = 0;
  private broken = 0;
  private dropped = 0;

  constructor(setup: SinkSetup) {
    const { header, mask } = setup;
    this.setup = setup;
    this.callOf = callsOf(header, mask, setup.sink.bodies === true);
    const { runId: id, startedAt, scenario } = header;
    this.run = {
      ...{ id, startedAt, scenario: scenario.name, seed: scenario.seed },
      log: (...values) => this.log(values),
    };
  }

  async open(): Promise<void> {
    await this.attempt("open", () => this.setup.sink.open?.(this.run));
  }

  async hear({ calls, dropped }: LoggedCalls): Promise<void> {
    this.dropped += dropped;
    const { sink } = this.setup;
    for (const call of calls) {
      this.heard++;
      try {
        const doing = sink.call(this.callOf(call), this.run);
        if (doing instanceof Promise) await doing;
      } catch (error) {
        this.broken++;
        this.tell("call", error);
      }
    }
  }

  /** An exception from somewhere beside its methods: a timer, an event. */
  stray(error: unknown): void {
    this.tell("", error);
  }

  async close(): Promise<void> {
    await this.attempt("close", () => this.setup.sink.close?.(this.run));
    const { name } = this.setup;
    if (this.broken > 1) this.notice(`${name} threw at ${this.broken} of the ${this.heard} calls that it heard of`);
    const dropped = Math.round(this.dropped);
    if (dropped > 0)
      this.notice(
        `${name} did not hear of ${dropped} of ${this.heard + dropped} calls: they came faster than it took them, and none waited for it`,
      );
  }

  private async attempt(what: string, act: () => unknown): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.tell(what, error);
    }
  }

  private tell(what: string, error: unknown): void {
    const where = what === "" ? "" : `the \`${what}\` of `;
    const text = `${where}${this.setup.name} threw ${this.setup.describe(error)}`;
    if (this.told.has(text) || this.told.size >= MOST_TOLD) return;
    this.told.add(text);
    this.notice(text);
  }

  private notice(text: string): void {
    this.setup.notice({ kind: "sink-incomplete", text: this.setup.mask.text(text) });
  }

  private log(values: readonly unknown[]): void {
    if (++this.lines > MOST_LINES) return;
    const rest = this.lines === MOST_LINES ? " (further lines are left out)" : "";
    const line = formatWithOptions({ breakLength: Number.POSITIVE_INFINITY }, ...values);
    this.setup.log(this.setup.mask.text(`${line}${rest}`));
  }
}

/** How calls are shown to a sink. */
function callsOf(header: RunHeader, mask: Mask, bodies: boolean): (call: LoggedCall) => SinkCall {
  const placeOf = placesOf(header);
  const startedAt = Date.parse(header.startedAt);
  const { phases } = header.scenario;
  return (call) => {
    const { name, method, tags = [], service } = header.ops[call.op]!;
    const place: Place = placeOf(call.op);
    const { name: phase, measured } = phases[call.phase]!;
    const { user, due, start, end, outcome, status, message, requestBytes, responseBytes, path, body } = call;
    return {
      ...{ service, name, method, tags, phase, measured, user, outcome, status, requestBytes, responseBytes },
      url: mask.text(urlOf(place, path)),
      at: startedAt + Math.min(due, start),
      latency: latencyOf(call),
      duration: end - start,
      ok: outcome === "ok",
      error: message,
      body: bodies ? mask.text(body) : "",
    };
  };
}
