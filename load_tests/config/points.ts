/** Levels over time that stand in a file of their own. */
import { isAbsolute, resolve } from "node:path";
import type { DataFiles, Rows } from "../core/feed.ts";
import type { Ms } from "../core/model.ts";
import { parseDuration } from "../core/units.ts";
import type { Path } from "./document.ts";
import type { ScenarioConfig } from "./scenario_schema.ts";
import { MOST_PIECES } from "./shape.ts";
import { isShape, type Level } from "./shape_schema.ts";

export interface PointsContext {
  /** The config file, which names in it are relative to. */
  readonly file: string;
  /** Absent: no file can be read. */
  readonly data?: DataFiles | undefined;
  /** Reports a mistake at a path below the scenario. */
  report(path: Path, message: string): void;
}

/** The scenario with the points that its shapes name files for. What cannot be read is reported. */
export async function withPoints(config: ScenarioConfig, context: PointsContext): Promise<ScenarioConfig> {
  const listed = async <T extends Leveled>(key: "phases" | "workloads", list: readonly T[] | undefined) =>
    list === undefined
      ? {}
      : {
          [key]: await Promise.all(
            list.map(async (each, i) => ({ ...each, ...(await levelsRead(each, [key, i], context)) })),
          ),
        };
  return {
    ...config,
    ...(await levelsRead(config, [], context)),
    ...(await listed("phases", config.phases)),
    ...(await listed("workloads", config.workloads)),
  };
}

type Leveled = { readonly users?: Level | undefined; readonly rate?: Level | undefined };

async function levelsRead(of: Leveled, path: Path, context: PointsContext): Promise<Leveled> {
  for (const key of ["users", "rate"] as const) {
    const level = of[key];
    if (typeof level !== "object" || !isShape(level) || !("points" in level)) continue;
    if (typeof level.points === "string")
      return { [key]: { points: await pointsOf(level.points, [...path, key, "points"], context) } };
  }
  return {};
}

async function pointsOf(name: string, path: Path, context: PointsContext): Promise<readonly [Ms, number][]> {
  const file = isAbsolute(name) ? name : resolve(context.file, "..", name);
  try {
    if (context.data === undefined) throw new Error("expected a file that can be read");
    const rows = await context.data.rows(file);
    const points = readPoints(rows);
    rows.close();
    return points;
  } catch (error) {
    context.report(path, error instanceof Error ? error.message : String(error));
    return [
      [0, 1],
      [1, 1],
    ];
  }
}

function readPoints({ count, columns, row }: Rows): [Ms, number][] {
  if (!columns.includes("t") || !columns.includes("value"))
    throw new Error(`expected the columns t and value, found ${columns.join(", ")}`);
  if (count < 2 || count > MOST_PIECES) throw new Error(`expected from 2 to ${MOST_PIECES} points, found ${count}`);
  let before = 0;
  return Array.from({ length: count }, (_, index) => {
    const { t, value } = row(index);
    const at = parseDuration(String(t).trim());
    const level = String(value).trim() === "" ? Number.NaN : Number(value);
    if (at === undefined || at < before)
      throw new Error(`point ${index + 1}: expected a time that is not before that of the point above, found t ${t}`);
    if (!Number.isFinite(level) || level < 0)
      throw new Error(`point ${index + 1}: expected a value of at least 0, found ${value}`);
    before = at;
    return [at, level];
  });
}
