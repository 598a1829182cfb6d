/** Steps as written, read into plans; each call among them goes to a service of the file. */
import { compileFind } from "../core/capture.ts";
import { compileCondition, subjectOf } from "../core/condition.ts";
import { BUILT_IN } from "../core/expression.ts";
import type { Protocol } from "../core/plugin.ts";
import type { Capture, StepPlan } from "../core/workload.ts";
import type { Path } from "./document.ts";
import { valueAt } from "./issues.ts";
import { expectedWord } from "./problem.ts";
import { namedServices } from "./services.ts";
import { checkTemplatesIn } from "./templates.ts";
import { type CaptureConfig, CONTROL, NOT_OF_STEPS, type StepConfig } from "./workload_schema.ts";

type Raw = Readonly<Record<string, unknown>>;

/** A step's call, as an entry of its service's own list. */
export interface StepCall {
  readonly workload: string;
  /** The service's protocol and name. */
  readonly kind: string;
  readonly service: string;
  readonly entry: Raw;
  /** The step's, and where in it a path below the entry is written. */
  readonly at: (path: Path) => Path;
  /** Names that its templates may use beside the usual ones. */
  readonly known: readonly string[];
  readonly captures: readonly Capture[];
  /** Of its task. */
  readonly tags: readonly string[];
}

export interface ReaderSetup {
  readonly workload: string;
  readonly protocols: readonly Protocol[];
  readonly tree: unknown;
  /** The workload's own `service`. */
  readonly service: string | undefined;
  /** Names that captures, `set` and data give values to. */
  readonly known: readonly string[];
  report(path: Path, message: string): void;
}

interface Word {
  readonly protocol: Protocol;
  readonly word: string;
}

const BESIDE_A_CALL = ["service", "capture"];
const AT_MOST = 10;
const SECOND = { min: 1000, max: 1000 };
const AT_ONCE = { min: 0, max: 0 };

/** Reads the steps of one workload; `calls` are those met so far, and a plan's call names its position among them. */
export class StepReader {
  readonly calls: StepCall[] = [];
  /** Of the task under way. */
  tags: readonly string[] = [];
  private readonly setup: ReaderSetup;
  private readonly words: readonly Word[];

  constructor(setup: ReaderSetup) {
    this.setup = setup;
    this.words = setup.protocols.flatMap((protocol) =>
      Object.keys(protocol.steps?.words ?? {}).map((word) => ({ protocol, word })),
    );
  }

  list(steps: readonly StepConfig[] | undefined, path: Path): StepPlan[] {
    return (steps ?? []).flatMap((step, index) => this.read(step, [...path, index]));
  }

  private read(step: StepConfig, path: Path): StepPlan[] {
    const word = this.wordOf(step, path);
    if (word === null) return [];
    if (typeof word !== "string") return this.call(word, step, path);
    this.onlyBeside(step, [word, ...CONTROL[word]], path);
    return [this.control(word, step, path)];
  }

  /** What the step does; null where that cannot be said, which is reported. */
  private wordOf(step: StepConfig, path: Path): Word | keyof typeof CONTROL | null {
    const control = (Object.keys(CONTROL) as (keyof typeof CONTROL)[]).filter((word) => word in step);
    const [call, ...more] = this.words.filter(({ word }) => word in step);
    const others = more.filter(({ word }) => !(word in (call?.protocol.steps?.entry.shape ?? {})));
    const found = [...control, ...[call, ...others].flatMap((each) => (each === undefined ? [] : [each.word]))];
    if (found.length === 1) return call ?? control[0]!;
    const legal = [...this.words.map(({ word }) => word), ...Object.keys(CONTROL)].join(", ");
    this.setup.report(path, `expected one of ${legal} in a step, found ${found.join(" and ") || "none"}`);
    return null;
  }

  private onlyBeside(step: StepConfig, legal: readonly string[], path: Path): void {
    for (const key of Object.keys(step))
      if (!legal.includes(key))
        this.setup.report(
          [...path, key],
          `\`${key}\` does not go with \`${legal[0]}\`: ${legal.length > 1 ? expectedWord(key, legal.slice(1)) : "expected it alone"}`,
        );
  }

  private control(word: keyof typeof CONTROL, step: StepConfig, path: Path): StepPlan {
    const steps = word === "if" || "steps" in step ? this.list(step.steps, [...path, "steps"]) : [];
    if (CONTROL[word].some((key) => key === "steps") && step.steps === undefined)
      this.setup.report(path, `expected \`steps\` beside \`${word}\`, found none`);
    switch (word) {
      case "think":
        return { do: "think", pause: step.think! };
      case "set":
        this.templates(step.set, [...path, "set"]);
        return { do: "set", values: step.set! };
      case "loop":
        this.templates(step.loop, [...path, "loop"]);
        return { do: "loop", times: step.loop!, steps };
      case "until": {
        const { at_most: atMost = AT_MOST, pause = SECOND } = step;
        return { do: "until", condition: this.condition(step.until!, [...path, "until"]), atMost, pause, steps };
      }
      case "retry":
        return { do: "retry", times: step.retry!, pause: step.pause ?? AT_ONCE, steps };
      case "if": {
        const condition = this.condition(step.if!, [...path, "if"]);
        return { do: "if", condition, steps, otherwise: this.list(step.else, [...path, "else"]) };
      }
      case "choose":
        return { do: "choose", ways: this.ways(step.choose!, [...path, "choose"]) };
      case "parallel":
        return { do: "parallel", branches: this.branches(step.parallel!, [...path, "parallel"]) };
    }
  }

  private ways(ways: NonNullable<StepConfig["choose"]>, path: Path) {
    if (ways.every(({ weight }) => weight === 0))
      this.setup.report(path, "the weights sum to nothing: give at least one a weight over 0");
    return ways.map(({ weight, steps }, i) => ({ weight, steps: this.list(steps, [...path, i, "steps"]) }));
  }

  private branches(branches: NonNullable<StepConfig["parallel"]>, path: Path): StepPlan[][] {
    return branches.map((each, i) =>
      Array.isArray(each) ? this.list(each, [...path, i]) : this.read(each as StepConfig, [...path, i]),
    );
  }

  private templates(value: unknown, path: Path): void {
    checkTemplatesIn(value, this.setup.known, { path, report: this.setup.report });
  }

  private condition(text: string, path: Path): string {
    try {
      compileCondition(text);
      const [root = ""] = (subjectOf(text) ?? "").split(/[.[]/);
      const legal = [...this.setup.known, ...BUILT_IN.keys(), "env"];
      if (!legal.some((name) => name.split(".")[0] === root))
        this.setup.report(path, `nothing gives \`${root}\` a value: ${expectedWord(root, legal)}`);
    } catch (error) {
      this.setup.report(path, error instanceof Error ? error.message : String(error));
    }
    return text;
  }

  private call(word: Word, step: StepConfig, path: Path): StepPlan[] {
    const form = word.protocol.steps!;
    const { key, says = {} } = form.words[word.word]!;
    const own = Object.keys(form.entry.shape).filter(
      (each) => ![...NOT_OF_STEPS, key, ...Object.keys(says)].includes(each),
    );
    this.onlyBeside(step, [word.word, ...own, ...BESIDE_A_CALL], path);
    const raw = valueAt(this.setup.tree, path) as Raw;
    const placed = this.placeOf(word, { step, said: raw[word.word], path });
    if (placed === null) return [];
    const { service: _, capture: __, [word.word]: ___, ...rest } = raw;
    const entry = { ...rest, ...says, [key]: placed.value, weight: 0 };
    const { workload, known } = this.setup;
    const at = ([first, ...below]: Path): Path =>
      first === undefined ? path : [...path, first === key || first in says ? word.word : first, ...below];
    const captures = this.captures(step.capture, [...path, "capture"]);
    this.calls.push({
      workload,
      kind: word.protocol.kind,
      service: placed.service,
      entry,
      at,
      known,
      captures,
      tags: this.tags,
    });
    return [{ do: "call", service: -1, endpoint: this.calls.length - 1 }];
  }

  /** The service that the call goes to, and what is left of the word's value: `payment.Charge` may say both. */
  private placeOf(
    { protocol, word }: Word,
    { step, said, path }: { step: StepConfig; said: unknown; path: Path },
  ): { service: string; value: unknown } | null {
    const names = namedServices(this.setup.tree, protocol.kind);
    const dot = typeof said === "string" && protocol.kind === "grpc" ? said.lastIndexOf(".") : -1;
    const before = dot < 0 ? "" : (said as string).slice(0, dot);
    if (step.service === undefined && names.includes(before))
      return { service: before, value: (said as string).slice(dot + 1) };
    const wanted = step.service ?? (names.includes(this.setup.service ?? "") ? this.setup.service : undefined);
    const service = wanted ?? (names.length === 1 ? names[0] : undefined);
    if (service !== undefined && names.includes(service)) return { service, value: said };
    const [at, message] =
      step.service !== undefined
        ? [[...path, "service"], `no service for \`${word}\` is named \`${service}\`: ${expectedWord(service!, names)}`]
        : names.length === 0
          ? [path, `expected a service under services.${protocol.kind} for \`${word}\`, found none`]
          : [path, `expected \`service:\` beside \`${word}\`: one of ${names.join(", ")}`];
    this.setup.report(at as Path, message as string);
    return null;
  }

  private captures(written: Readonly<Record<string, CaptureConfig>> | undefined, path: Path): Capture[] {
    return Object.entries(written ?? {}).map(([name, each]) => {
      const { from, list = false, ...rest } = typeof each === "string" ? { from: each } : each;
      try {
        compileFind(from);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        this.setup.report([...path, name], `expected "$.id", "header:X-Id", "/id=(\\w+)/" or a field's path: ${why}`);
      }
      return { name, from, list, ...("default" in rest ? { default: rest.default } : {}) };
    });
  }
}
