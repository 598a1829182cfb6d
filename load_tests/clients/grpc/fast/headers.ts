/** The head of a call (gRPC over HTTP/2): made once, where nothing in it changes from call to call. */
import type { Ms } from "../../../core/model.ts";
import { compileText, hasTemplate, type Values } from "../../../core/template.ts";
import type { Head } from "../../http2/head_writer.ts";
import type { Field } from "../../http2/static_fields.ts";
import { timeoutText } from "../requests.ts";

export interface Target {
  /** `host:port`, or the name that the config gives. */
  readonly authority: string;
  readonly secure: boolean;
  readonly compression: string;
}

/** Set by the client itself. */
const OURS = new Set(["content-type", "te", "user-agent", "accept-encoding", "host"]);
const VALUE = /^[ -~]*$/;

/** Gives the head of a call; throws where a template lacks a value, or gives what no header may have. */
export function compileHeaders(
  path: string,
  entries: Readonly<Record<string, string>>,
  target: Target,
): (values: Values, timeout: Ms) => Head {
  const metadata = Object.entries(entries).filter(([key]) => !OURS.has(key));
  const isFixed = ([, text]: Field) => !hasTemplate(text);
  const fixed = [...usual(path, target), ...metadata.filter(isFixed).map(([key, text]) => fieldOf(key, text))];
  const varying = metadata.filter((entry) => !isFixed(entry)).map(([key, text]) => ({ key, fill: compileText(text) }));
  let head: Head = { fixed, varying: [] };
  let deadline: Ms = Number.NaN;
  return (values, timeout) => {
    if (timeout !== deadline) {
      head = { fixed: [...fixed, ["grpc-timeout", timeoutText(timeout)]], varying: [] };
      deadline = timeout;
    }
    if (varying.length === 0) return head;
    return { fixed: head.fixed, varying: varying.map(({ key, fill }) => fieldOf(key, fill(values))) };
  };
}

const usual = (path: string, { authority, secure, compression }: Target): Field[] => [
  [":method", "POST"],
  [":scheme", secure ? "https" : "http"],
  [":path", path],
  [":authority", authority],
  ["te", "trailers"],
  ["content-type", "application/grpc"],
  ["user-agent", "grpc-tenfold"],
  ["grpc-accept-encoding", "identity,deflate,gzip"],
  ["accept-encoding", "identity"],
  ...(compression === "identity" ? [] : [["grpc-encoding", compression] as const]),
];

/** Values of keys that end in `-bin` are base64 text. */
function fieldOf(key: string, text: string): Field {
  if (key.endsWith("-bin")) return [key, Buffer.from(text, "base64").toString("base64")];
  if (!VALUE.test(text)) throw new Error(`Metadata string value "${text}" contains illegal characters`);
  return [key, text];
}
