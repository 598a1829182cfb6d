/** One connection or one request outside of any call, by the road that calls take: is the service there? */
import type { Address } from "../address.ts";
import { describeError, hangUp } from "../socket.ts";
import { dial, type Roads } from "./dial.ts";

/** Where to ask, how to get there, and for how long. */
export interface Place {
  readonly address: Address;
  readonly roads: Roads;
  readonly signal: AbortSignal;
}

/** Connects and hangs up again; rejects with a sentence. */
export const connects = ({ address, roads, signal }: Place): Promise<void> =>
  hangUp(address.authority, signal, (told) => dial(address, roads, { reached: () => {}, ...told }));

/** The answer to a GET of this path, or to a POST of JSON; rejects with a sentence. */
export async function ask({ address, roads, signal }: Place, path: string, json?: string) {
  const origin = `${address.secure ? "https" : "http"}://${address.authority}`;
  const proxy = address.secure ? null : roads.proxyFor(address);
  const { default: undici } = await import("undici");
  const client = new undici.Client(origin, {
    allowH2: true,
    connect: (_options, callback) =>
      dial(address, roads, {
        reached: () => {},
        ready: (socket) => callback(null, socket),
        fail: (error) => callback(error, null),
      }),
  });
  const headers = {
    "user-agent": "tenfold",
    ...(json === undefined ? {} : { "content-type": "application/json" }),
    ...(proxy?.authorization ? { "proxy-authorization": proxy.authorization } : {}),
  };
  try {
    const whole = proxy === null ? path : `${origin}${path}`;
    const method = json === undefined ? "GET" : "POST";
    const answer = await client.request({ method, path: whole, headers, body: json ?? null, signal });
    return { status: answer.statusCode, body: await answer.body.text() };
  } catch (error) {
    const why = signal.aborted ? "no answer in time" : describeError(error as Error);
    throw new Error(`${address.authority}${path} cannot be reached: ${why}`, { cause: error });
  } finally {
    await client.destroy();
  }
}

/** Resolves once `ready` answers below 400, or where it is null once a connection is had; rejects with a sentence. */
export async function isReady(place: Place, ready: string | null): Promise<void> {
  if (ready === null) return connects(place);
  const { authority, path } = place.address;
  const { status } = await ask(place, `${path}${ready}`);
  if (status >= 400) throw new Error(`${authority}${path}${ready} answers ${status}, expected a status below 400`);
}
