/** Finds `${...}` and `{{...}}` that YAML reads as its own braces, which it then misreads or refuses. */
import { Lexer } from "yaml";
import type { Finding } from "./problem.ts";

const WIDTHLESS = new Set(["\u0002", "\u0018", "\u001f"]);

/** One finding a line. */
export function unquotedTemplates(text: string): Finding[] {
  const findings = new Map<number, Finding>();
  let offset = 0;
  let line = 0;
  let before = "";
  for (const token of new Lexer().lex(text)) {
    if (WIDTHLESS.has(token)) continue;
    if (token === "{" && (before === "{" || before.endsWith("$")) && !findings.has(line)) {
      const written = before === "{" ? "{{...}}" : "${...}";
      const message = `${written} must stand in quotes here: YAML takes the bare braces for a map. Write the whole value as "..."`;
      findings.set(line, { place: { offset: offset - 1 }, message });
    }
    offset += token.length;
    line += token.split("\n").length - 1;
    before = token;
  }
  return [...findings.values()];
}
