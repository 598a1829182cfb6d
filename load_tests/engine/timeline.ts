/**
 * `timeline.jsonl`: the run as it goes, a line at a time, so that a crash loses at most the second under way. The first
 * line is the header; then a line a second (counts to read, histograms deflated), notices, and at last the end.
 */
import { closeSync, createReadStream, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { Ledger, type RunResult } from "../core/ledger.ts";
import type { Ended, Ms, Notice, RunHeader } from "../core/model.ts";
import { decodeSnapshot, encodeSnapshot, failuresOf, requestsOf, type Snapshot } from "../core/snapshot.ts";

export interface TimelineEnd {
  readonly ended: Ended;
  readonly duration: Ms;
  readonly endedAt: string;
}

export interface Timeline {
  second(snapshot: Snapshot): void;
  notice(notice: Notice): void;
  end(end: TimelineEnd): void;
}

/** Begins the file of a run; every line is on its way to the disk when a call returns. Throws what the file system says. */
export function openTimeline(path: string, header: RunHeader): Timeline {
  const file = openSync(path, "wx");
  const write = (line: object): void => {
    writeSync(file, `${JSON.stringify(line)}\n`);
  };
  write({ kind: "header", header });
  return {
    second: (snapshot) => write({ kind: "second", ...secondLine(snapshot) }),
    notice: (notice) => write({ kind: "notice", notice }),
    end: (end) => {
      write({ kind: "end", ...end });
      closeSync(file);
    },
  };
}

function secondLine(snapshot: Snapshot): object {
  const sum = (of: (counts: readonly number[]) => number) =>
    snapshot.series.reduce((total, { counts }) => total + of(counts), 0);
  return {
    t: snapshot.to / 1000,
    late: snapshot.late,
    users: snapshot.users,
    requests: sum(requestsOf),
    failures: sum(failuresOf),
    by_type: snapshot.failures,
    slowest: snapshot.slowest,
    data: deflateRawSync(encodeSnapshot(snapshot), { level: 1 }).toString("base64"),
  };
}

type Line =
  | { kind: "header"; header: RunHeader }
  | { kind: "second"; late?: boolean; by_type: Snapshot["failures"]; slowest: Snapshot["slowest"]; data: string }
  | { kind: "notice"; notice: Notice }
  | ({ kind: "end" } & TimelineEnd);

/** A second's histograms inflate to this at most; more is no timeline of ours. */
const MAX_SECOND_BYTES = 64 * 1024 * 1024;

/** Reads a timeline back, as a stream. A file that stops in the middle gives `ended: failed` up to its last whole line. */
export async function readTimeline(path: string): Promise<RunResult> {
  let ledger: Ledger | null = null;
  let end: TimelineEnd | null = null;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const line = parseLine(text);
    if (line === null) break;
    if (line.kind === "header") ledger = new Ledger(line.header);
    else if (ledger === null) break;
    else if (line.kind === "notice") ledger.notice(line.notice);
    else if (line.kind === "end") end = line;
    else {
      const bytes = inflateRawSync(Buffer.from(line.data, "base64"), { maxOutputLength: MAX_SECOND_BYTES });
      ledger.add({ ...decodeSnapshot(bytes, { failures: line.by_type, slowest: line.slowest }), late: line.late });
    }
  }
  if (ledger === null) throw new Error(`${path} does not begin as a timeline of Tenfold does`);
  const duration = ledger.seconds.length * 1000;
  const endedAt = new Date(Date.parse(ledger.header.startedAt) + duration).toISOString();
  const { ended, ...rest } = end ?? { ended: "failed" as const, duration, endedAt };
  return ledger.result(ended, rest.duration, rest.endedAt);
}

function parseLine(text: string): Line | null {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return null;
  }
}
