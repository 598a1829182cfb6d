/** The load of a scenario as a small picture in text. */
import { isEndless } from "../core/endless.ts";
import type { Flow, Ms, Scenario } from "../core/model.ts";
import { levelAt, peakUsers } from "../core/schedule.ts";

const COLUMNS = 60;
const ROWS = 4;
const EIGHTHS = " ▁▂▃▄▅▆▇█";

/** A picture of each load, under its workload's name where there are several. */
export function drawLoad(scenario: Scenario): string[] {
  const { flows } = scenario;
  return flows.flatMap((flow) => {
    const picture = drawFlow(flow, scenario);
    return flows.length === 1 || picture.length === 0 ? picture : [`${flow.workload} ${UNITS[flow.drive]}`, ...picture];
  });
}

const UNITS: Record<Flow["drive"], string> = { users: "(users)", arrivals: "(arrivals a second)" };

/** Rows of blocks, the highest level above, the names of the phases below. */
function drawFlow(flow: Flow, scenario: Scenario): string[] {
  const { phases } = scenario;
  if (flow.phase !== undefined || scenario.duration === 0) return [];
  const duration = shownSpan(scenario);
  const peak = Math.max(...flow.segments.flatMap(({ from, to }) => [from, to]));
  const heights = Array.from({ length: COLUMNS }, (_, column) => {
    const level = levelAt(flow.segments, ((column + 0.5) / COLUMNS) * duration);
    return level === 0 ? 0 : Math.max(1, Math.round((level / peak) * ROWS * 8));
  });
  const top = String(flow.drive === "users" ? peakUsers(flow.segments) : Number(peak.toFixed(2)));
  const gutter = Math.max(7, top.length);
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const floor = (ROWS - 1 - row) * 8;
    const bar = heights.map((height) => EIGHTHS[Math.max(0, Math.min(8, height - floor))]).join("");
    const label = row === 0 ? top : row === ROWS - 1 ? "0" : "";
    return `${label.padStart(gutter)} |${bar.trimEnd()}`;
  });
  return [...rows, `${" ".repeat(gutter)}  ${labels(phases, duration)}`];
}

/** Of a load without an end, what comes before its last level, and half as much of that. */
function shownSpan({ flows, duration }: Scenario): Ms {
  const last = Math.max(...flows.map(({ segments }) => segments.at(-1)!.start));
  return isEndless(duration) ? Math.max(60_000, last * 1.5) : duration;
}

/** Each phase's name under its start, as much of it as fits before the next. */
function labels(phases: Scenario["phases"], duration: number): string {
  const starts = phases.map(({ start }) => Math.round((start / duration) * COLUMNS));
  return phases
    .map(({ name }, index) => {
      const room = (starts[index + 1] ?? COLUMNS) - starts[index]!;
      const text = name.length < room || index === phases.length - 1 ? name : name.slice(0, Math.max(0, room - 1));
      return text.padEnd(room);
    })
    .join("")
    .trimEnd();
}
