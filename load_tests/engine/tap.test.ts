import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LoggedCall } from "../core/logged_call.ts";
import { OUTCOMES } from "../core/model.ts";
import { randomStream } from "../core/random.ts";
import { Piece } from "./call_codec.ts";
import { Tap, type TappedCalls } from "./tap.ts";

const ALL = { share: 1, bodies: true };
const number = fc.nat();
const text = fc.string({ unit: "grapheme" });
const anyCall: fc.Arbitrary<LoggedCall> = fc.record({
  ...{ op: number, phase: number, user: number, due: fc.double({ noNaN: true }), start: number, end: number },
  ...{ outcome: fc.constantFrom(...OUTCOMES), requestBytes: number, responseBytes: number },
  ...{ status: text, message: text, path: text, body: text },
});

const copy = (call: LoggedCall): LoggedCall => ({
  ...{ op: call.op, phase: call.phase, user: call.user, due: call.due, start: call.start, end: call.end },
  ...{ outcome: call.outcome, requestBytes: call.requestBytes, responseBytes: call.responseBytes },
  ...{ status: call.status, message: call.message, path: call.path, body: call.body },
});

const read = ({ memory, used }: TappedCalls): LoggedCall[] => Array.from(new Piece(memory).calls(used), copy);

const call = (body: string): LoggedCall => ({
  ...{ op: 0, phase: 0, user: 0, due: 0, start: 0, end: 0, outcome: "ok", status: "", message: "" },
  ...{ requestBytes: 0, responseBytes: 0, path: "", body },
});

describe("Calls on their way to a log", () => {
  it("come out as they went in", () =>
    fc.assert(
      fc.property(fc.array(anyCall), (calls) => {
        const out: LoggedCall[] = [];
        const tap = new Tap(ALL, randomStream(1), (piece) => out.push(...read(piece)));
        for (const each of calls) tap.add(each);
        tap.flush();
        expect(out).toEqual(calls);
      }),
      { numRuns: 50 },
    ));

  it("have the run's ids of their ops", () => {
    const piece = new Piece(new ArrayBuffer(1024));
    const end = piece.write(piece.write(0, { ...call(""), op: 3 }), { ...call(""), op: 4 });
    expect(Array.from(piece.calls(end, new Map([[3, 7]])), ({ op }) => op)).toEqual([7, 4]);
  });

  it("are dropped and counted while nobody takes them, and come again when somebody does", () => {
    const away: TappedCalls[] = [];
    const tap = new Tap(ALL, randomStream(1), (piece) => away.push(piece));
    const body = "x".repeat(5000);
    const sent = 2000;
    for (let i = 0; i < sent; i++) tap.add(call(body));
    tap.flush();
    const taken = away.flatMap(read).length;
    const dropped = () => away.reduce((sum, piece) => sum + piece.dropped, 0);
    expect(taken + dropped()).toBe(sent);
    expect(dropped()).toBeGreaterThan(0);
    tap.returned(away[0]!.memory);
    tap.add(call("again"));
    tap.flush();
    expect(read(away.at(-1)!).map((each) => each.body)).toEqual(["again"]);
  });
});
