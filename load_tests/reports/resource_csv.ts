/** `analysis/resources.csv`: one row a second, one column for each resource, empty where it was not measured. */
import { defineReporter } from "../core/plugin.ts";
import { csvText } from "./csv.ts";
import { type Resource, resourceReport } from "./resources.ts";

const title = ({ name, unit }: Resource): string => (unit === "" ? name : `${name} (${unit})`);

export const resourceCsv = defineReporter({
  format: "csv",
  render: ({ result }) => {
    const resources = result.resources.map(resourceReport);
    const columns = resources.map(({ samples }) => new Map(samples));
    const seconds = [...new Set(columns.flatMap((column) => [...column.keys()]))].sort((a, b) => a - b);
    const rows = seconds.map((t) => [t, ...columns.map((column) => column.get(t) ?? null)]);
    return [{ path: "analysis/resources.csv", content: csvText(["t_s", ...resources.map(title)].join(","), rows) }];
  },
});
