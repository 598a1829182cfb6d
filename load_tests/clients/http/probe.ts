/** Is the service there? */
import { Client } from "undici";
import type { Service } from "../../core/model.ts";
import { type Address, addressOf } from "../address.ts";
import { describeError } from "../socket.ts";
import { secureOptions } from "../tls.ts";
import { dial, protocolsOf, type Roads } from "../wire/dial.ts";
import { proxyFinder } from "../wire/proxy.ts";
import type { RestSettings } from "./settings.ts";

/** Resolves once `ready` answers below 400, or without one once a connection is had; rejects with a sentence. */
export async function probeRest(service: Service, signal: AbortSignal): Promise<void> {
  const address = addressOf(service);
  const { ready, tls, proxy, http2 } = service.settings as RestSettings;
  const roads = { tls: { ...secureOptions(tls), ...protocolsOf(http2) }, proxyFor: proxyFinder(proxy, process.env) };
  if (ready === null) return connects(address, roads, signal);
  const status = await statusOf(`${address.path}${ready}`, { address, roads, signal });
  if (status >= 400)
    throw new Error(`${address.authority}${address.path}${ready} answers ${status}, expected a status below 400`);
}

/** Connects and hangs up again. */
function connects(address: Address, roads: Roads, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error: Error | null) => {
      signal.removeEventListener("abort", expire);
      socket.destroy();
      if (error === null) resolve();
      else reject(new Error(`${address.authority} cannot be reached: ${describeError(error)}`, { cause: error }));
    };
    const expire = () => finish(new Error("no connection in time"));
    let socket = dial(address, roads, {
      reached: () => {},
      fail: finish,
      ready: (ready) => {
        socket = ready;
        finish(null);
      },
    });
    if (signal.aborted) expire();
    else signal.addEventListener("abort", expire);
  });
}

interface Asked {
  readonly address: Address;
  readonly roads: Roads;
  readonly signal: AbortSignal;
}

async function statusOf(path: string, { address, roads, signal }: Asked): Promise<number> {
  const origin = `${address.secure ? "https" : "http"}://${address.authority}`;
  const proxy = address.secure ? null : roads.proxyFor(address);
  const client = new Client(origin, {
    allowH2: true,
    connect: (_options, callback) =>
      dial(address, roads, {
        reached: () => {},
        ready: (socket) => callback(null, socket),
        fail: (error) => callback(error, null),
      }),
  });
  const headers = proxy?.authorization ? { "proxy-authorization": proxy.authorization } : {};
  try {
    const whole = proxy === null ? path : `${origin}${path}`;
    const { statusCode } = await client.request({ method: "GET", path: whole, headers, signal });
    return statusCode;
  } catch (error) {
    const why = signal.aborted ? "no answer in time" : describeError(error as Error);
    throw new Error(`${address.authority}${path} cannot be reached: ${why}`, { cause: error });
  } finally {
    await client.destroy();
  }
}
