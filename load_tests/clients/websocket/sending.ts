/** Messages compiled once: what holds no template is the same bytes each time. */
import { compileJson, compileText, hasTemplate, type Values } from "../../core/template.ts";
import { compileJsonPath } from "../json_path.ts";
import type { Message } from "./message.ts";
import type { Sending } from "./outbox.ts";
import type { MessageSettings, ReplySpec, SendSpec } from "./settings.ts";

/** A message as it goes out; `sent` is what templates of the reply call by that name. */
interface Sent {
  readonly data: Buffer | string;
  readonly binary: boolean;
  readonly sent: unknown;
}

/** `keeps`: somebody looks at answers after their calls. */
export function compileSending({ send, reply }: MessageSettings, keeps: boolean): (values: Values) => Sending {
  const content = compileSend(send);
  const match = reply.kind === "field" ? compileMatch(reply) : null;
  const replies = reply.kind === "none" ? 0 : reply.kind === "count" ? reply.count : 1;
  const make = (values: Values): Sending => {
    const { data, binary, sent } = content(values);
    const accepts = match === null ? ANY : match({ ...values, sent });
    return { data, binary, replies, accepts, byField: match !== null, keeps };
  };
  return match !== null || hasTemplate(send) ? make : constant(make(NO_VALUES));
}

const ANY = (): boolean => true;

function compileSend(spec: SendSpec): (values: Values) => Sent {
  if (spec.kind === "bytes")
    return constant({ data: Buffer.from(spec.base64, "base64"), binary: true, sent: spec.base64 });
  const fill = spec.kind === "text" ? compileText(spec.text) : compileJson(spec.value);
  const make = (values: Values): Sent => {
    const sent = fill(values);
    return {
      data: typeof sent === "string" && spec.kind === "text" ? sent : JSON.stringify(sent),
      binary: false,
      sent,
    };
  };
  if (hasTemplate(spec)) return make;
  const { data, sent } = make(NO_VALUES);
  return constant({ data: Buffer.from(data), binary: false, sent });
}

/** What holds no template is made at the start, when there are no values yet. */
const NO_VALUES = Object.freeze({}) as Values;

const constant =
  <T>(made: T) =>
  (): T =>
    made;

function compileMatch({ path, value }: Extract<ReplySpec, { kind: "field" }>) {
  const find = compileJsonPath(path);
  const wanted = compileJson(value);
  return (values: Values) => {
    const expected = String(wanted(values));
    return (message: Message): boolean => {
      const json = message.json();
      const found = json === undefined ? undefined : find(json);
      return found !== undefined && String(found) === expected;
    };
  };
}
