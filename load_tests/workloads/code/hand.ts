/** A user for the length of one task of code: its calls and pauses as promises. */
import type {
  CallAnswer,
  CodeRandom,
  GrpcOptions,
  HttpOptions,
  MetricOptions,
  SendOptions,
  WorkloadUser,
} from "../../core/code.ts";
import type { Pause } from "../../core/model.ts";
import { drawPause, pause } from "../../core/pause.ts";
import { type Activity, ASKED, type Request, type StepValues } from "../../core/workload.ts";
import { Answered } from "./answered.ts";
import { type Asker, type Asking, askGrpc, askHttp, askSocket } from "./asking.ts";
import { drawsOf } from "./draw.ts";

/** Its user left: the task ends here. */
export class Left extends Error {
  override readonly name = "Left";
}

/** What all users of a workload share. */
export interface Crew extends Asker {
  readonly shared: unknown;
  log(user: string, values: readonly unknown[]): void;
}

/** What a user has beside that. */
export interface Belongings {
  readonly vars: Record<string, unknown>;
  readonly data: WorkloadUser["data"];
}

interface Pending {
  promise: Promise<unknown> | null;
  readonly reject: (error: Error) => void;
}

interface Group {
  readonly name: string;
  mark: number;
  failed: boolean;
}

export class Hand implements WorkloadUser {
  readonly vars: Record<string, unknown>;
  readonly data: WorkloadUser["data"];
  /** The first call that was asked for. */
  first: Request | null = null;
  /** Something took time: a task that takes none must not begin again at once. */
  waited = false;
  gone = false;
  private readonly crew: Crew;
  private readonly activity: Activity;
  private readonly values: StepValues;
  private readonly pending = new Set<Pending>();
  private held: Answered[] = [];
  private last: Answered | null = null;
  private groups: Group[] | null = null;
  private draws: CodeRandom | null = null;

  constructor(crew: Crew, activity: Activity, values: StepValues, { vars, data }: Belongings) {
    this.crew = crew;
    this.activity = activity;
    this.values = values;
    this.vars = vars;
    this.data = data;
    activity.onAbandon = () => this.leave();
  }

  get index(): number {
    return this.activity.user.index;
  }

  get id(): string {
    return this.activity.user.id;
  }

  get iteration(): number {
    return this.values.iteration;
  }

  get runId(): string {
    return this.values.run.id;
  }

  get shared(): unknown {
    return this.crew.shared;
  }

  get random(): CodeRandom {
    this.draws ??= drawsOf(this.values.random);
    return this.draws;
  }

  get(path: string, options?: HttpOptions): Promise<CallAnswer> {
    return this.ask(() => askHttp(this.crew, "GET", path, options));
  }

  post(path: string, options?: HttpOptions): Promise<CallAnswer> {
    return this.ask(() => askHttp(this.crew, "POST", path, options));
  }

  put(path: string, options?: HttpOptions): Promise<CallAnswer> {
    return this.ask(() => askHttp(this.crew, "PUT", path, options));
  }

  patch(path: string, options?: HttpOptions): Promise<CallAnswer> {
    return this.ask(() => askHttp(this.crew, "PATCH", path, options));
  }

  delete(path: string, options?: HttpOptions): Promise<CallAnswer> {
    return this.ask(() => askHttp(this.crew, "DELETE", path, options));
  }

  head(path: string, options?: HttpOptions): Promise<CallAnswer> {
    return this.ask(() => askHttp(this.crew, "HEAD", path, options));
  }

  call(method: string, message?: object | readonly object[], options?: GrpcOptions): Promise<CallAnswer> {
    return this.ask(() => askGrpc(this.crew, method, message, options));
  }

  send(message: unknown, options?: SendOptions): Promise<CallAnswer> {
    return this.ask(() => askSocket(this.crew, message, options));
  }

  check(holds: unknown, name: string, of?: CallAnswer): boolean {
    const answer = (of as Answered | undefined) ?? this.last;
    if (!(answer instanceof Answered)) throw new Error(`check "${name}": expected a call before it, found none`);
    answer.check(Boolean(holds), name);
    if (!holds) for (const group of this.groups ?? []) group.failed = true;
    return Boolean(holds);
  }

  metric(name: string, value: number | boolean, options: MetricOptions = {}): void {
    const number = options.kind === "rate" ? (value ? 1 : 0) : Number(value);
    if (!Number.isFinite(number)) throw new TypeError(`metric ${name}: expected a number, found ${value}`);
    if (!this.gone) this.activity.measure(this.crew.book.metric(name, options), 0, number);
  }

  async think(length: Parameters<WorkloadUser["think"]>[0]): Promise<void> {
    this.settle();
    const drawn = drawPause(pauseOf(length), this.values.random);
    return this.promise((resolve) => this.activity.pause(drawn, resolve as () => void));
  }

  async group<T>(name: string, act: () => Promise<T>): Promise<T> {
    const line = this.crew.book.group(name);
    const began = this.activity.now();
    const group: Group = { name, mark: began, failed: false };
    this.groups = [...(this.groups ?? []), group];
    try {
      return await act();
    } catch (error) {
      group.failed = true;
      throw error;
    } finally {
      this.groups = this.groups.filter((each) => each !== group);
      this.endGroup(line, group, began);
    }
  }

  log(...values: readonly unknown[]): void {
    this.crew.log(this.id, values);
  }

  /** Calls that ended are recorded: nothing more is checked of them. */
  settle(): void {
    for (const answer of this.held) answer.record();
    this.held = [];
  }

  private endGroup(line: Parameters<Activity["measure"]>[0], { failed }: Group, began: number): void {
    if (this.gone) return;
    if (!failed) this.activity.measure(line, 0, this.activity.now() - began);
    this.activity.measure(line, 1, failed ? 1 : 0);
  }

  private ask(make: () => Asking): Promise<CallAnswer> {
    this.settle();
    let asking: Asking;
    try {
      asking = make();
    } catch (error) {
      return Promise.reject(error);
    }
    const { name, request } = asking.form;
    const values = this.valuesFor(asking);
    this.first ??= request;
    const { groups } = this;
    return this.promise((resolve) => {
      let asked = false;
      this.activity.ask(request, values, (ended) => {
        const answer = new Answered(ended);
        this.held.push(answer);
        this.last = answer;
        if (groups !== null) for (const group of groups) this.mark(group, { name, end: ended.end, ok: answer.ok });
        if (asked) resolve(answer);
        else this.activity.pause(1, () => resolve(answer)); // code that asks for it again at once would never let others work
      });
      asked = true;
    });
  }

  /** The values as the call finds them: a copy only beside others that are under way. */
  private valuesFor({ asked }: Asking): StepValues {
    if (this.pending.size > 0) return { ...this.values, [ASKED]: asked };
    this.values[ASKED] = asked;
    return this.values;
  }

  private mark(group: Group, { name, end, ok }: { name: string; end: number; ok: boolean }): void {
    this.activity.measure(this.crew.book.part(group.name, name), 0, Math.max(0, end - group.mark));
    group.mark = end;
    if (!ok) group.failed = true;
  }

  /** Where the user leaves meanwhile, it is rejected once; what is asked for after that never comes. */
  private promise<T>(begin: (resolve: (value: T) => void) => void): Promise<T> {
    if (this.gone) return new Promise(() => {});
    let entry: Pending | undefined;
    const promise = new Promise<T>((resolve, reject) => {
      entry = { promise: null, reject };
      const mine = entry;
      this.pending.add(mine);
      try {
        begin((value) => {
          this.pending.delete(mine);
          this.waited = true;
          resolve(value);
        });
      } catch (error) {
        this.pending.delete(mine);
        reject(error);
      }
    });
    entry!.promise = promise;
    if (this.gone) promise.catch(() => {});
    return promise;
  }

  private leave(): void {
    this.gone = true;
    this.settle();
    for (const { promise, reject } of this.pending) {
      promise?.catch(() => {});
      reject(new Left("the user left"));
    }
    this.pending.clear();
  }
}

/** Pauses as code writes them, read once each. */
const PAUSES = new Map<string | number, Pause>();
const MOST_PAUSES = 1000;

function pauseOf(length: Parameters<WorkloadUser["think"]>[0]): Pause {
  const known = typeof length === "object" ? undefined : PAUSES.get(length);
  if (known !== undefined) return known;
  const { data, error } = pause.safeParse(length);
  if (data === undefined) throw new TypeError(`think: ${error!.issues[0]!.message}, found ${JSON.stringify(length)}`);
  if (typeof length !== "object" && PAUSES.size < MOST_PAUSES) PAUSES.set(length, data);
  return data;
}
