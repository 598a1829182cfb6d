/** Calls that code makes: their method is known at the first use, their messages come with each call. */
import type { Endpoint } from "../../core/model.ts";
import type { Values } from "../../core/template.ts";
import { ASKED } from "../../core/workload.ts";
import { readEntry, THROWING } from "../code.ts";
import { callDraft } from "./drafts.ts";
import { type EndpointSettings, resolveEndpoint, type Surroundings } from "./endpoint.ts";
import { messageChecker } from "./message.ts";
import type { Protos } from "./protos.ts";
import type { Role } from "./roles.ts";
import { callSchema } from "./schema.ts";

interface Around extends Pick<Surroundings, "service" | "protos" | "metadata"> {
  readonly role: Role | null;
}

/** Throws an Error with a sentence where the protos have no such method. */
export function callOfCode(entry: unknown, { role, ...around }: Around): Endpoint {
  const draft = { ...callDraft(readEntry(callSchema, entry), 0, role), at: [], messages: [] };
  const endpoint = resolveEndpoint(draft, { ...around, at: THROWING })!;
  return { ...endpoint, keepsBody: true };
}

/** Encodes what the call brings; the first message is held against its type. */
export function messagesOfCode<T>(
  { request }: EndpointSettings,
  protos: Protos,
  encode: (message: object) => T,
): (values: Values) => readonly T[] {
  const { check } = messageChecker(protos, THROWING);
  const type = protos.messages.get(request);
  let checked = type === undefined;
  return (values) => {
    const { messages = [] } = values[ASKED] as { messages?: readonly object[] };
    if (!checked && messages[0] !== undefined) {
      check(messages[0], { name: request, type: type! }, []);
      checked = true;
    }
    return messages.map(encode);
  };
}
