/** Calls over our own HTTP/2. */
import type { Ms, Service } from "../../../core/model.ts";
import type { User } from "../../../core/plugin.ts";
import type { Place } from "../../http2/dial.ts";
import { secureOptions } from "../../tls.ts";
import { type Address, addressText, parseAddress } from "../address.ts";
import type { Driver } from "../driver.ts";
import { lanesOf } from "../lanes.ts";
import type { ServiceSettings } from "../resolve.ts";
import { FastCall, METRICS } from "./call.ts";
import { FastChannel, type Telling } from "./channel.ts";
import { compressed } from "./compression.ts";
import { compileHeaders } from "./headers.ts";
import { framed } from "./messages.ts";
import type { OutgoingMessage } from "./upload.ts";

/** What ends a stream of no messages. */
const NO_MESSAGES: readonly OutgoingMessage[] = [{ frame: Buffer.alloc(0), size: 0 }];

/** Throws where the service's address is none or a file of its TLS is gone. */
export function fastDriver(service: Service): Driver {
  const settings = service.settings as ServiceSettings;
  const { compression } = settings;
  const address = parseAddress(service.host);
  if (address === null) throw new Error(`${service.name}: expected host:port, found ${service.host}`);
  const place = placeOf(address, settings);
  const first = firstWords();
  const telling: Telling = { channel: null };
  const lanes = lanesOf(settings.channels, () => new FastChannel(place, telling, first.settled));
  const own = settings.channels === "per_user";
  const channelOf = (user: User) => (own ? null : telling.channel) ?? lanes.of(user);
  const target = {
    authority: settings.tls?.serverName ?? addressText(address),
    secure: place.tls !== null,
    compression,
  };
  return {
    metrics: METRICS,
    compile(plan, source) {
      const messages = source.messages((bytes) => ({ ...outgoing(bytes, compression), bytes }));
      const head = compileHeaders(plan.path, source.metadata, target);
      return (user, values, call) => {
        const said = messages(values);
        call.show?.(() => source.text(said.map(({ bytes }) => bytes)));
        const what = { messages: said.length === 0 ? NO_MESSAGES : said, head: head(values, call.timeout) };
        new FastCall(plan, call, channelOf(user), what).start();
      };
    },
    states: () => [...lanes.opened].map(({ state }) => state),
    opened(patience) {
      for (const channel of lanes.opened) channel.connect();
      return first.of(lanes.opened.size, patience);
    },
    release: lanes.release,
    close: () => {
      for (const channel of lanes.opened) channel.close();
    },
  };
}

function placeOf({ host, port, secure }: Address, { tls }: ServiceSettings): Place {
  const hostname = host.replace(/^\[(.*)\]$/, "$1");
  return { hostname, port, tls: secure || tls !== null ? secureOptions(tls) : null };
}

function outgoing(message: Buffer, compression: ServiceSettings["compression"]): OutgoingMessage {
  const size = message.length;
  return compression === "identity"
    ? { frame: framed(message, false), size }
    : { frame: framed(compressed(message, compression), true), size };
}

/** Waits until so many channels have their first connection, or their first failure. */
function firstWords() {
  let count = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let done = () => {};
  const settled = () => {
    if (++count >= wanted) done();
  };
  const of = (channels: number, patience: Ms): Promise<void> =>
    new Promise((resolve) => {
      wanted = channels;
      done = resolve;
      AbortSignal.timeout(patience).addEventListener("abort", () => resolve(), { once: true });
      if (count >= wanted) resolve();
    });
  return { settled, of };
}
