import { describe, expect, test } from "vitest";
import { ANSWERS_KEPT } from "../core/snapshot.ts";
import { FailureKinds, MOST_KINDS, OTHER_MESSAGES } from "./failure_kinds.ts";

const failed = (op: number, message: string) =>
  ({ op, outcome: "server-error", status: "500", message, answers: [] as string[] }) as const;

const OPS = 900;
const FEW = 3;

/** By op, the messages by which its failures count, where each of them says something new. */
function messagesOf(kinds: FailureKinds, each: number): Set<string>[] {
  const all = Array.from({ length: OPS }, () => new Set<string>());
  for (const [op, messages] of all.entries())
    for (let i = 0; i < each; i++) messages.add(kinds.messageOf(failed(op, `request ${op} ${i}`)));
  return all;
}

const total = (sets: readonly Set<string>[]): number => sets.reduce((sum, { size }) => sum + size, 0);

describe("kinds of failures", () => {
  test("are bounded over the whole run, however many endpoints say something new each time", () => {
    const messages = messagesOf(new FailureKinds(1), 100);
    const others = messages.filter((each) => each.has(OTHER_MESSAGES)).length;
    expect(total(messages) - others).toBeLessThanOrEqual(MOST_KINDS + FEW * OPS);
    expect(others).toBeGreaterThan(OPS / 2);
  });

  test("of the last endpoint that fails are still told: a few of them", () => {
    const last = messagesOf(new FailureKinds(1), 100).at(-1)!;
    expect(last).toEqual(
      new Set([`request ${OPS - 1} 0`, `request ${OPS - 1} 1`, `request ${OPS - 1} 2`, OTHER_MESSAGES]),
    );
  });

  test("share their room where several workers share a run", () => {
    const parts = Array.from({ length: 4 }, () => messagesOf(new FailureKinds(4), 20));
    const known = parts.reduce((sum, part) => sum + total(part), 0);
    expect(known).toBeLessThanOrEqual(MOST_KINDS + 4 * (FEW + 1) * OPS);
  });

  test("that were met before keep their message when there is no more room", () => {
    const kinds = new FailureKinds(1);
    kinds.messageOf(failed(0, "down"));
    messagesOf(kinds, 100);
    expect(kinds.messageOf(failed(0, "down"))).toBe("down");
  });

  test("keep their first answers, and ask for no more", () => {
    const kinds = new FailureKinds(1);
    let asked = 0;
    const failure = failed(0, "down");
    for (let i = 0; i < 20; i++) kinds.keepAnswer(failure, { excerpt: () => `answer ${asked++}` });
    expect(failure.answers).toEqual(Array.from({ length: ANSWERS_KEPT }, (_, i) => `answer ${i}`));
    expect(asked).toBe(ANSWERS_KEPT);
  });
});
