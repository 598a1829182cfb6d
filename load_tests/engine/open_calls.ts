/** The calls under way, chained through themselves: in a set of its own each would cost an entry. */
import type { PendingCall } from "./measure.ts";

export class OpenCalls {
  size = 0;
  private first: PendingCall | null = null;

  add(call: PendingCall): void {
    const { first } = this;
    call.after = first;
    if (first !== null) first.before = call;
    this.first = call;
    this.size++;
  }

  /** To be called once a call. */
  remove(call: PendingCall): void {
    const { before, after } = call;
    if (before === null) this.first = after;
    else before.after = after;
    if (after !== null) after.before = before;
    call.before = call.after = null;
    this.size--;
  }

  /** Those that are there now; what they end may begin others. */
  cutAll(): void {
    const calls: PendingCall[] = [];
    for (let call = this.first; call !== null; call = call.after) calls.push(call);
    for (const call of calls) call.cut();
  }
}
