/** Every reporter that ships. Those of the format `always` write whatever formats the config asks for. */
import type { Reporter } from "../core/plugin.ts";

/** A reporter whose code is read when the first report is made of it: no run waits for it at its start. */
const later = (format: string, reporter: () => Promise<Reporter>): Reporter => ({
  format,
  render: async (report) => (await reporter()).render(report),
});

export const reporters: readonly Reporter[] = [
  later("html", async () => (await import("./html.ts")).html),
  later("json", async () => (await import("./json.ts")).json),
  later("csv", async () => (await import("./csv.ts")).csv),
  later("png", async () => (await import("./png.ts")).png),
  later("junit", async () => (await import("./junit.ts")).junit),
  later("markdown", async () => (await import("./markdown.ts")).markdown),
  later("always", async () => (await import("./metrics.ts")).metrics),
  later("csv", async () => (await import("./resource_csv.ts")).resourceCsv),
  later("always", async () => (await import("./summary.ts")).summary),
  later("always", async () => (await import("./comparison.ts")).comparison),
];
