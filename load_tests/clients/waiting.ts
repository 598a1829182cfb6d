/** Calls that wait for what another call of their user has begun: a login, a connection. */
import type { Call } from "../core/plugin.ts";
import type { Ending } from "./failure.ts";

interface Waiting {
  readonly go: () => void;
  readonly fail: (ending: Ending) => void;
}

/** Lets calls wait, then go on or fail together; one that was cut meanwhile does neither. */
export class WaitingCalls {
  private readonly calls: Waiting[] = [];

  add(call: Call, go: () => void): void {
    let cut = false;
    call.onAbort = () => {
      cut = true;
    };
    this.calls.push({
      go: () => {
        if (!cut) go();
      },
      fail: ({ outcome, status, message }) => {
        if (!cut) call.end(outcome, status, null, message);
      },
    });
  }

  go(): void {
    for (const each of this.calls.splice(0)) each.go();
  }

  /** They end as that on which they waited did. */
  fail(ending: Ending): void {
    for (const each of this.calls.splice(0)) each.fail(ending);
  }
}
