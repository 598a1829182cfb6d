/** Steps, compiled backwards into nodes: each knows the one that comes after it. */
import { compileCondition } from "../core/condition.ts";
import { drawPause } from "../core/pause.ts";
import { integer, randomStream, weighted } from "../core/random.ts";
import { compileJson, MissingValue } from "../core/template.ts";
import type { StepPlan, StepValues } from "../core/workload.ts";
import { Fiber, type Node } from "./fiber.ts";

const END: Node = (fiber) => fiber.end();
/** Of a loop whose times a template says: a slip must not keep a user for ever. */
const MOST_TIMES = 1_000_000;

/** What runs the steps and then ends the fiber. */
export const compileSteps = (steps: readonly StepPlan[]): Node => sequence(steps, END);

const sequence = (steps: readonly StepPlan[], next: Node): Node =>
  steps.reduceRight((after, step) => compileStep(step, after), next);

type Step<Do extends StepPlan["do"]> = Extract<StepPlan, { do: Do }>;

function compileStep(step: StepPlan, next: Node): Node {
  switch (step.do) {
    case "call": {
      const { service, endpoint } = step;
      const target = { service, endpoint };
      return (fiber) => fiber.call(target, next);
    }
    case "think":
      return (fiber) => fiber.pause(drawPause(step.pause, fiber.values.random), next);
    case "set":
      return compileSet(step, next);
    case "loop":
      return compileLoop(step, next);
    case "until":
      return compileUntil(step, next);
    case "retry":
      return compileRetry(step, next);
    case "if": {
      const holds = compileCondition(step.condition);
      const [then, otherwise] = [sequence(step.steps, next), sequence(step.otherwise, next)];
      return (fiber) => (holds(fiber.values) ? then : otherwise);
    }
    case "choose": {
      const pick = weighted(step.ways.map(({ weight }) => weight));
      const ways = step.ways.map(({ steps }) => sequence(steps, next));
      return (fiber) => ways[pick(fiber.values.random)]!;
    }
    case "parallel":
      return compileParallel(step, next);
  }
}

function compileSet({ values: written }: Step<"set">, next: Node): Node {
  const entries = Object.entries(written).map(([name, value]) => [name, compileJson(value)] as const);
  return ({ values }) => {
    for (const [name, fill] of entries) set(values, name, fill);
    return next;
  };
}

/** What cannot be filled takes the name away, as null does: the step that needs it says so. */
function set(values: StepValues, name: string, fill: (values: StepValues) => unknown): void {
  try {
    const value = fill(values);
    if (value === null) delete values[name];
    else values[name] = value;
  } catch (error) {
    if (!(error instanceof MissingValue)) throw error;
    delete values[name];
  }
}

function compileLoop({ times, steps }: Step<"loop">, next: Node): Node {
  const count = compileTimes(times);
  const body = sequence(steps, ({ counts }) => {
    counts[counts.length - 1]!--;
    if (counts.at(-1)! > 0) return body;
    counts.pop();
    return next;
  });
  return ({ counts, values }) => {
    const wanted = count(values);
    if (!(wanted >= 1)) return next;
    counts.push(Math.min(wanted, MOST_TIMES));
    return body;
  };
}

function compileTimes(times: number | string): (values: StepValues) => number {
  if (typeof times === "number") return () => times;
  const fill = compileJson(times);
  return (values) => {
    try {
      return Math.floor(Number(fill(values)));
    } catch (error) {
      if (error instanceof MissingValue) return 0;
      throw error;
    }
  };
}

function compileUntil({ condition, atMost, pause, steps }: Step<"until">, next: Node): Node {
  const holds = compileCondition(condition);
  const body = sequence(steps, (fiber) => {
    const { counts, values } = fiber;
    counts[counts.length - 1]!--;
    if (counts.at(-1)! > 0 && !holds(values)) return fiber.pause(drawPause(pause, values.random), body);
    counts.pop();
    return next;
  });
  return ({ counts }) => {
    counts.push(atMost);
    return body;
  };
}

/** The count of tries, and below it whether a call had failed before. */
function compileRetry({ times, pause, steps }: Step<"retry">, next: Node): Node {
  const body = sequence(steps, (fiber) => {
    const { counts } = fiber;
    if (fiber.failed && counts.at(-1)! > 0) {
      counts[counts.length - 1]!--;
      fiber.failed = false;
      return fiber.pause(drawPause(pause, fiber.values.random), body);
    }
    counts.pop();
    if (counts.pop() === 1) fiber.failed = true;
    return next;
  });
  return (fiber) => {
    fiber.counts.push(fiber.failed ? 1 : 0, times);
    fiber.failed = false;
    return body;
  };
}

/** Branches have streams of their own: which of them is faster changes no choice. What they set is joined in their order. */
function compileParallel({ branches }: Step<"parallel">, next: Node): Node {
  const starts = branches.map(compileSteps);
  return (fiber) => {
    const salt = integer(fiber.values.random, 0, 2 ** 32 - 1);
    let left = starts.length;
    const join = (): void => {
      if (--left > 0) return;
      for (const each of fibers) merge(each, fiber, before);
      fiber.resume(next);
    };
    const before = { ...fiber.values };
    const fibers = starts.map((_, i) => new Fiber(fiber.activity, { ...before, random: randomStream(salt, i) }, join));
    if (left === 0) return next;
    starts.forEach((start, i) => {
      fibers[i]!.resume(start);
    });
    return null;
  };
}

/** Takes over what a branch changed of the values. */
function merge(branch: Fiber, into: Fiber, before: StepValues): void {
  if (branch.failed) into.failed = true;
  for (const [name, value] of Object.entries(branch.values))
    if (name !== "random" && value !== before[name]) into.values[name] = value;
  for (const name of Object.keys(before)) if (!(name in branch.values)) delete into.values[name];
}
