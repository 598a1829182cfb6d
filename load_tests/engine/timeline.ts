/**
 * `timeline.jsonl`: the run as it goes, a line at a time, so that a crash loses at most the second under way. The first
 * line is the header; then a line a second (counts to read, histograms deflated), notices, and at last the end.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { z } from "zod";
import { DamagedResult } from "../core/damaged.ts";
import { ENDLESS, isEndless } from "../core/endless.ts";
import { Ledger, type RunResult } from "../core/ledger.ts";
import type { Ended, Ms, Notice, OpInfo, RunHeader } from "../core/model.ts";
import type { Reading } from "../core/resource.ts";
import {
  checked,
  checkPlaces,
  endSchema,
  failureSchema,
  noticeSchema,
  readHeader,
  rightlyMany,
  slowCallSchema,
  withOp,
} from "../core/run_schema.ts";
import {
  type Beside,
  type DecodedSnapshot,
  decodeSnapshot,
  encodeSnapshot,
  failuresOf,
  requestsOf,
  type Snapshot,
} from "../core/snapshot.ts";
import type { PhaseStart } from "../core/stages.ts";
import { resourceReader, resourceWriter } from "./resource_lines.ts";
import { isSecond, linesOf, type SecondLine, unreadable } from "./timeline_lines.ts";

export interface TimelineEnd {
  readonly ended: Ended;
  readonly duration: Ms;
  readonly endedAt: string;
}

export interface Timeline {
  second(snapshot: Snapshot): void;
  /** A phase began whose time the plan does not know. */
  phase(start: PhaseStart): void;
  resources(t: number, readings: readonly Reading[]): void;
  notice(notice: Notice): void;
  /** A further op, before the first second that has it. */
  line(op: OpInfo): void;
  end(end: TimelineEnd): void;
}

/** Begins the file of a run; every line is on its way to the disk when a call returns. Throws what the file system says. */
export function openTimeline(path: string, header: RunHeader): Timeline {
  const file = openSync(path, "wx");
  const write = (line: object): void => {
    writeSync(file, `${JSON.stringify(line)}\n`);
  };
  write({ kind: "header", header });
  const resourceLines = resourceWriter();
  return {
    second: (snapshot) => write({ kind: "second", ...secondLine(snapshot) }),
    phase: (start) => write({ kind: "phase", ...start }),
    resources: (t, readings) => resourceLines(t, readings).forEach(write),
    notice: (notice) => write({ kind: "notice", notice }),
    line: (op) => write({ kind: "op", op }),
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
    gauges: snapshot.gauges,
    data: deflateRawSync(encodeSnapshot(snapshot), { level: 1 }).toString("base64"),
  };
}

const time = z.number().min(0).max(1e12);
const phaseSchema = z.looseObject({ index: z.number().int().min(0).max(10_000), at: time, through: time.optional() });

/** What a timeline tells, in its order. */
export interface TimelineListener {
  header(header: RunHeader): void;
  second(snapshot: DecodedSnapshot): void;
  phase?(start: PhaseStart): void;
  resources(t: number, readings: readonly Reading[]): void;
  notice(notice: Notice): void;
  line(op: OpInfo): void;
}

/** A second's histograms take this much memory at most; more is no timeline of ours. */
const MAX_SECOND_ROOM = 256 * 1024 * 1024;
/** Two weeks; a run without an end may be longer, as its seconds are merged. */
const MAX_TIME: Ms = 14 * 86_400_000;
const latest = ({ scenario }: RunHeader): Ms => (isEndless(scenario.duration) ? ENDLESS : MAX_TIME);

const MOST_NOTICES = 10_000;

/**
 * Reads a timeline as a stream, and tells it. Gives its end; null where it stops in the middle, after the last whole
 * line. Throws a DamagedResult on what is no timeline of Tenfold.
 */
export async function replayTimeline(path: string, listener: TimelineListener): Promise<TimelineEnd | null> {
  let header: RunHeader | null = null;
  const resources = resourceReader();
  let notices = 0;
  for await (const line of linesOf(path)) {
    if (line === null) break;
    if (header === null) {
      if (line.kind !== "header") throw new DamagedResult("it does not begin as a timeline of Tenfold does");
      header = readHeader(line.header);
      listener.header(header);
    } else if (isSecond(line)) listener.second(secondOf(line, header));
    else if (line.kind === "phase") {
      const { index, at, through = at } = checked(phaseSchema, line);
      listener.phase?.({ index, at, through });
    } else if (line.kind === "resource") resources.learn(line);
    else if (line.kind === "resources") {
      const { t, readings } = resources.read(line);
      listener.resources(t, readings);
    } else if (line.kind === "op") {
      header = withOp(header, line.op);
      listener.line(header.ops.at(-1)!);
    } else if (line.kind === "notice") {
      if (++notices > MOST_NOTICES) throw new DamagedResult("it has more notices than a run gives");
      listener.notice(checked(noticeSchema, line.notice));
    } else if (line.kind === "end") return checked(endSchema, line);
  }
  if (header === null) throw new DamagedResult("it does not begin as a timeline of Tenfold does");
  return null;
}

/** A few of each worker and each client. */
const MOST_GAUGES = 10_000;

const besideSchema = z.object({
  late: z.boolean().optional(),
  by_type: z.array(failureSchema),
  slowest: z.array(slowCallSchema),
  gauges: z
    .record(z.string().max(200), z.number())
    .refine((gauges) => Object.keys(gauges).length <= MOST_GAUGES, "more gauges than a run has")
    .optional(),
});

function secondOf(line: SecondLine, header: RunHeader): DecodedSnapshot {
  const { late, by_type, slowest, gauges } = checked(besideSchema, line);
  const snapshot = decoded(line.bytes, { failures: by_type, slowest, gauges });
  checkPlaces(header, [...snapshot.series, ...by_type, ...slowest]);
  const { ops } = header;
  const sound = snapshot.series.every(
    ({ op, counts, width }) => width === ops[op]!.metrics.length && rightlyMany(counts),
  );
  if (!sound || !(snapshot.from >= 0 && snapshot.from <= latest(header)))
    throw new DamagedResult("it has a second that is none of this run");
  return { ...snapshot, late };
}

function decoded(bytes: Uint8Array, beside: Beside): DecodedSnapshot {
  try {
    return decodeSnapshot(bytes, beside, MAX_SECOND_ROOM);
  } catch (error) {
    throw unreadable(error);
  }
}

/** Reads a timeline back. A file that stops in the middle gives `ended: failed` up to its last whole line. */
export async function readTimeline(path: string): Promise<RunResult> {
  let ledger: Ledger | null = null;
  const end = await replayTimeline(path, {
    header: (header) => {
      ledger = new Ledger(header);
    },
    second: (snapshot) => ledger!.add(snapshot),
    phase: (start) => ledger!.phase(start),
    resources: (t, readings) => ledger!.resources(t, readings),
    notice: (notice) => ledger!.notice(notice),
    line: (op) => ledger!.line(op),
  });
  const { ended, duration, endedAt } = end ?? brokenOff(ledger!);
  return ledger!.result(ended, duration, endedAt);
}

/** The end of a run that has none: it failed after its last whole second. */
export function brokenOff({ seconds, header }: Ledger): TimelineEnd {
  const end = seconds.at(-1)?.t ?? 0;
  const duration = Math.min(end * 1000, header.scenario.duration);
  const endedAt = new Date(Date.parse(header.startedAt) + end * 1000).toISOString();
  return { ended: "failed", duration, endedAt };
}
