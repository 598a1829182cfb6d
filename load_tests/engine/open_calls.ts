/** The calls under way. Each knows its place: in a set of its own it would cost an entry, chained to others a look at them. */
import type { PendingCall } from "./measure.ts";

export class OpenCalls {
  private readonly calls: PendingCall[] = [];

  get size(): number {
    return this.calls.length;
  }

  add(call: PendingCall): void {
    call.place = this.calls.push(call) - 1;
  }

  /** To be called once a call: the last one takes its place. */
  remove(call: PendingCall): void {
    const last = this.calls.pop()!;
    if (last === call) return;
    this.calls[call.place] = last;
    last.place = call.place;
  }

  /** Those that are there now; what they end may begin others. */
  cutAll(): void {
    for (const call of [...this.calls]) call.cut();
  }
}
