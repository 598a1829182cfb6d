/** Exceptions of users' code, and where they arose. */

/** What was thrown, in one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return `${String(error)} was thrown`;
  const [first = ""] = error.message.replace(/^ParseError: /, "").split("\n");
  return error.name === "Error" ? first.trim() : `${error.name}: ${first.trim()}`;
}

/** File, line and column of the user's own code, in brackets; empty where the stack does not say it. */
export function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const line of stack.split("\n")) {
    const [, place] = /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+)\)?$/.exec(line.trim()) ?? [];
    if (place !== undefined && !isOurs(place)) return ` (${place.replace("file://", "")})`;
  }
  return "";
}

/** Of what was met while the file was read: a mistake in its form stands in the message. */
export function placeIn(error: unknown, file: string): string {
  const text = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : "";
  const at = text.indexOf(`${file}:`);
  const [, place] = /^:(\d+(?::\d+)?)/.exec(text.slice(at + file.length)) ?? [];
  return at < 0 || place === undefined ? placeOf(error) : ` (line ${place.split(":")[0]})`;
}

const OWN = new URL("../../", import.meta.url).pathname;

const isOurs = (place: string): boolean =>
  place.includes("/node_modules/") || place.replace("file://", "").startsWith(OWN);
