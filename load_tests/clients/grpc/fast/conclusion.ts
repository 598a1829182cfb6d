/** What a whole answer says of its call. */
import type { Fields } from "../../http2/fields.ts";
import { type Ending, OK } from "../status.ts";
import { endingByTrailers } from "./ending.ts";

interface WholeAnswer {
  readonly trailers: Fields | null;
  /** The status of its head, where one came. */
  readonly http: number | null;
  /** Messages that came, and whether the last one is cut. */
  readonly count: number;
  readonly isCut: boolean;
  /** Whether any number of messages will do. */
  readonly isStream: boolean;
}

export function conclusionOf(answer: WholeAnswer): Ending {
  const ending = endingByTrailers(answer.trailers, answer.http);
  return ending.outcome === "ok" ? success(answer) : ending;
}

/** A service that says OK has sent what was asked for, or it is wrong. */
function success({ isCut, isStream, count }: WholeAnswer): Ending {
  if (isCut) return wrong("the service said OK within a message");
  if (isStream || count === 1) return OK;
  return wrong(
    count === 0 ? "the service said OK and sent no answer" : `the service sent ${count} answers to one call`,
  );
}

const wrong = (message: string): Ending => ({ outcome: "invalid", status: "OK", message });
