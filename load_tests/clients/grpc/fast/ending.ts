/** How a call ends that has no status of the service: in the words of grpc-js, so that both drivers say the same. */
import { ErrorCode } from "../../http2/errors.ts";
import type { Fields } from "../../http2/fields.ts";
import { connectOutcome, type Ending, endingByHttp, saidEnding } from "../status.ts";

/** RST_STREAM by the service (gRPC over HTTP/2: Errors). `http`: the status of its head, where one came. */
export function endingByReset(code: number, http: number | null): Ending {
  if (code === ErrorCode.NO_ERROR) return endingWithoutStatus(http);
  return RESETS[code] ?? { ...FAILED, message: `Received RST_STREAM with code ${code}` };
}

/** What the end of a whole answer says. */
export function endingByTrailers(trailers: Fields | null, http: number | null): Ending {
  if (trailers === null) return endingWithoutStatus(http);
  const code = listed(trailers, "grpc-status");
  if (code === "") return endingByHttp(http!);
  return saidEnding(Number(code), decoded(listed(trailers, "grpc-message")));
}

/** A field that comes twice is a list (RFC 9110 5.3), and as a status none. */
const listed = (trailers: Fields, name: string): string => trailers.all(name).join(", ");

/** Percent-encoded text; as it came, where it is none. */
function decoded(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}

/** What is wrong with the content type of a head; null where it is gRPC's. */
export function otherKind(head: Fields): string | null {
  const kind = head.get("content-type") ?? "application/grpc";
  return kind.startsWith("application/grpc") ? null : `expected an answer of gRPC, found ${kind}`;
}

/** The answer ended, and never said how the call went. */
function endingWithoutStatus(http: number | null): Ending {
  if (http !== null && http !== 200) return endingByHttp(http);
  const message = "Received RST_STREAM with code 0 (Call ended without gRPC status)";
  return { outcome: "reset", status: "INTERNAL", message };
}

const FAILED = { outcome: "server-error", status: "INTERNAL" } as const;
export const REFUSED: Ending = { outcome: "server-error", status: "UNAVAILABLE", message: "Stream refused by server" };

const RESETS: Readonly<Record<number, Ending>> = {
  [ErrorCode.INTERNAL_ERROR]: { ...FAILED, message: "Received RST_STREAM with code 2 (Internal server error)" },
  [ErrorCode.REFUSED_STREAM]: REFUSED,
  [ErrorCode.CANCEL]: { outcome: "reset", status: "CANCELLED", message: "Call cancelled" },
  [ErrorCode.ENHANCE_YOUR_CALM]: {
    outcome: "limited",
    status: "RESOURCE_EXHAUSTED",
    message: "Bandwidth exhausted or memory limit exceeded",
  },
  [ErrorCode.INADEQUATE_SECURITY]: {
    outcome: "client-error",
    status: "PERMISSION_DENIED",
    message: "Protocol not secure enough",
  },
};

export const endingByLoss = ({ message }: Error): Ending => ({ outcome: "reset", status: "UNAVAILABLE", message });

export const endingByViolation = (message: string): Ending => ({
  outcome: "invalid",
  status: "INTERNAL",
  message: `the service broke HTTP/2: ${message}`,
});

/** No connection was had. */
export const endingByConnect = (why: string): Ending => ({
  outcome: connectOutcome(why),
  status: "UNAVAILABLE",
  message: `no connection: ${why}`,
});
