/** A call that ended, as code sees it; it is recorded once nothing more can be checked of it. */
import type { CallAnswer } from "../../core/code.ts";
import type { Ended } from "../../core/workload.ts";

export class Answered implements CallAnswer {
  private readonly ended: Ended;
  private checked = false;
  private wrong: string | null = null;
  private recorded = false;

  constructor(ended: Ended) {
    this.ended = ended;
  }

  get ok(): boolean {
    return this.ended.outcome === "ok" && this.wrong === null;
  }

  get status(): number {
    return Number(this.ended.status) || 0;
  }

  get statusText(): string {
    return this.ended.status;
  }

  get outcome(): Ended["outcome"] {
    return this.wrong === null || this.ended.outcome !== "ok" ? this.ended.outcome : "invalid";
  }

  get error(): string {
    return this.wrong ?? this.ended.message;
  }

  get duration(): number {
    return this.ended.duration;
  }

  header(name: string): string | undefined {
    return this.ended.answer?.header(name);
  }

  text(): string {
    return this.ended.answer?.text() ?? "";
  }

  json(): unknown {
    return this.ended.answer?.json();
  }

  /** Throws where it is too late to fail the call. */
  check(holds: boolean, name: string): void {
    if (this.recorded && !holds)
      throw new Error(`check "${name}" failed after its call was counted: check before the next call`);
    this.checked = true;
    if (!holds) this.wrong ??= `check failed: ${name}`;
  }

  record(): void {
    if (this.recorded) return;
    this.recorded = true;
    this.ended.record(this.checked, this.wrong);
  }
}
