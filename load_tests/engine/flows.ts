/** The flows of a share under way: their arrivals and their users. */
import type { Flow, Ms, Scenario, Share } from "../core/model.ts";
import type { User } from "../core/plugin.ts";
import { partOf } from "../core/share.ts";
import type { Crew } from "./activity.ts";
import { Pacer } from "./pacer.ts";
import { Users } from "./users.ts";
import type { ValuesOf } from "./values.ts";
import type { Workloads } from "./workloads.ts";

export interface FlowsSetup extends Omit<Crew, "opened" | "flowIndex"> {
  readonly scenario: Scenario;
  readonly share: Share;
  readonly workloads: Workloads;
  readonly values: ValuesOf;
  /** A session ended: clients let go of what was the user's. */
  release(user: User): void;
}

export class Flows {
  private readonly setup: FlowsSetup;
  private readonly pacers: Pacer[] = [];
  private readonly users: Users[] = [];
  /** Flows of users that are not gone for good. */
  private busy = 0;
  private begun = false;

  constructor(setup: FlowsSetup) {
    this.setup = setup;
  }

  /** Adds the flow at a position of the scenario; its times may be moved. Once the others have begun, it begins at once. */
  add(flowIndex: number, flow: Flow): void {
    const { scenario, share, workloads, values, release, ...crew } = this.setup;
    const { seed, grace, duration: end, maxInFlight } = scenario;
    const opened = workloads.of(scenario.flows[flowIndex]!);
    const common = { ...crew, opened, flowIndex, flow, seed, grace, values };
    if (flow.drive === "arrivals") {
      this.pacers.push(new Pacer({ ...common, share, end, maxInFlight: partOf(maxInFlight, share) }));
      return;
    }
    this.busy++;
    const users = new Users({ ...common, release, idle: () => this.busy-- }, share);
    this.users.push(users);
    if (this.begun) users.start();
  }

  begin(): void {
    this.begun = true;
    for (const flow of this.users) flow.start();
  }

  /** Sends the arrivals that are due. False where some are left for the next tick. */
  pump(): boolean {
    let whole = true;
    for (const pacer of this.pacers) whole = pacer.pump() && whole;
    return whole;
  }

  /** Begins nothing new; what users do as they leave ends at `until`. */
  stop(until: Ms): void {
    for (const pacer of this.pacers) pacer.stop(until);
    for (const flow of this.users) flow.stop(until);
  }

  /** Ends what users do, whatever it waits for; to be called until all is done. */
  giveUp(): void {
    for (const flow of this.users) flow.giveUp();
    for (const pacer of this.pacers) pacer.giveUp();
  }

  /** Users there now; of an open loop, those in flight. */
  count(): number {
    const flying = this.pacers.reduce((sum, pacer) => sum + pacer.inFlight(), 0);
    return this.users.reduce((sum, flow) => sum + flow.count(), flying);
  }

  get areDone(): boolean {
    return this.busy === 0 && this.pacers.every((pacer) => pacer.done());
  }
}
