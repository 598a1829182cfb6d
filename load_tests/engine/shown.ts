/** Calls as text for who looks on: what went out, and what came back. */
import { bounded } from "../core/escape.ts";
import { type Mask, maskDeep } from "../core/mask.ts";
import type { Ms, Outcome } from "../core/model.ts";
import type { Answer } from "../core/plugin.ts";
import { formatMs } from "../core/units.ts";

const MOST = 2000;

export interface Exchange {
  readonly name: string;
  readonly request: string;
  readonly outcome: Outcome;
  readonly status: string;
  readonly message: string;
  readonly elapsed: Ms;
  readonly answer: Answer | null;
}

const indented = (text: string): string => (text === "" ? "" : `\n${text.replace(/^/gm, "    ")}`);

/** The text with secrets masked, in JSON also what stands under their keys. */
function masked(text: string, mask: Mask): string {
  if (!/^\s*[[{]/.test(text)) return mask.text(text);
  try {
    return mask.text(JSON.stringify(maskDeep(JSON.parse(text), mask)));
  } catch {
    return mask.text(text);
  }
}

/** A request as clients tell it: its head, and after an empty line its body. */
function maskedRequest(request: string, mask: Mask): string {
  const at = request.indexOf("\n\n");
  if (at < 0) return masked(request, mask);
  return `${mask.text(request.slice(0, at))}\n${masked(request.slice(at + 2), mask)}`;
}

export function exchangeText(
  { name, request, outcome, status, message, elapsed, answer }: Exchange,
  mask: Mask,
): string {
  const facts = [
    ...(status === "" || status === outcome ? [] : [status]),
    `in ${formatMs(elapsed)}`,
    ...(answer === null ? [] : [`${answer.size} bytes`, answer.header("content-type") ?? ""]),
  ].filter((fact) => fact !== "");
  const why = message === "" ? "" : `\n  ${mask.text(message)}`;
  const body = answer === null ? "" : indented(bounded(masked(answer.text(), mask), MOST));
  return `${name}${indented(bounded(maskedRequest(request, mask), MOST))}\n  ${outcome}: ${facts.join(", ")}${why}${body}`;
}
