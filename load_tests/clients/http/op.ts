/** Endpoints and logins, compiled into ops. */
import { needsBody, needsHeaders } from "../../core/capture.ts";
import { speaksOfStatus } from "../../core/check.ts";
import type { Endpoint } from "../../core/model.ts";
import type { Call, ClientHost, Op, User } from "../../core/plugin.ts";
import type { Values } from "../../core/template.ts";
import { type Address, parseAddress } from "../address.ts";
import { WaitingCalls } from "../waiting.ts";
import { compileAuthorization, compileBasic } from "./auth.ts";
import { ACCEPTED } from "./decode.ts";
import { Exchange, type Task } from "./exchange.ts";
import { loginTask } from "./login.ts";
import { isUrl } from "./login_spec.ts";
import { metricsOver } from "./metrics.ts";
import { KEPT_BYTES, LOGGED_BYTES } from "./reply.ts";
import { compileRequest } from "./request.ts";
import type { Session, Sessions } from "./session.ts";
import type { Login, Method, RestEndpoint, RestSettings, TextMap } from "./settings.ts";

/** What all ops of a service are made of. */
export interface Workshop {
  /** The service's. */
  readonly name: string;
  readonly address: Address;
  readonly settings: RestSettings;
  readonly sessions: Sessions;
  /** Answers are shown. */
  readonly shows: boolean;
}

const untimed = ({ address }: Workshop) =>
  ({ firstItem: null, gap: null, extra: metricsOver(address.secure) }) as const;

/** The service's own headers; those of the config come after them. */
const headersOf = ({ compression, headers }: RestSettings): TextMap[] =>
  compression ? [{ "accept-encoding": ACCEPTED }, headers] : [headers];

/** `login` is needed first where the endpoint goes with a token that the user has not got yet. */
export function compileEndpoint(endpoint: Endpoint, workshop: Workshop, login: Op | null): Op {
  const { authorized, timeout } = endpoint.settings as RestEndpoint;
  const { sessions } = workshop;
  const send = compileSend(endpoint, workshop);
  const op = {
    name: endpoint.name,
    method: endpoint.method,
    endpoint,
    ...untimed(workshop),
    ...(timeout === null ? {} : { timeout }),
  };
  if (login === null || !authorized)
    return { ...op, start: (user, values, call) => send(sessions.of(user), values, call) };
  return {
    ...op,
    needs: (user) => needOf(sessions.of(user), login),
    start: (user, values, call) => {
      const session = sessions.of(user);
      if (session.waiting === null) send(session, values, call);
      else session.waiting.add(call, () => send(session, values, call));
    },
  };
}

type Send = (session: Session, values: Values, call: Call) => void;

function compileSend(endpoint: Endpoint, { address, settings, shows }: Workshop): Send {
  const { authorized, ...request } = endpoint.settings as RestEndpoint;
  const build = compileRequest({
    ...request,
    method: endpoint.method as Method,
    base: address.path,
    headers: [...headersOf(settings), request.headers],
    authorized,
    authorization: authorized && settings.auth !== null ? compileAuthorization(settings.auth) : null,
  });
  const keep = shows || needsBody(endpoint) ? KEPT_BYTES : endpoint.logged ? LOGGED_BYTES : 0;
  const task: Task = {
    keep,
    keepsHeaders: shows || needsHeaders(endpoint),
    statusIsChecked: speaksOfStatus(endpoint.checks),
    redirects: settings.redirects,
    metrics: metricsOver(address.secure).length,
    settle: settings.auth?.kind === "login" ? forgetRefused : null,
  };
  return (session, values, call) => {
    const token = authorized ? session.token : null;
    new Exchange({ task, call, session, token }, address, build(values, token)).start();
  };
}

/** A token that the service refuses is not used again: the user's next call logs in anew, once. */
const forgetRefused: Task["settle"] = ({ reply, session, token }, ending) => {
  if (reply?.code === 401 && token !== null && session.token === token) session.token = null;
  return ending;
};

/** The login, until it gave a token; a user whose login is under way waits for that one. */
const needOf = (session: Session, login: Op): Op | null =>
  session.token === null && session.waiting === null ? login : null;

/** The op `<service> login`. Where it failed, `needs` names it again: that is how the engine knows. */
export function compileLogin(login: Login, workshop: Workshop, host: ClientHost): Op {
  const { settings, sessions } = workshop;
  const { address, path } = placeOf(login, workshop.address, host);
  const build = compileRequest({
    method: login.method,
    base: address.path,
    path,
    query: login.query,
    headers: [...headersOf(settings), login.headers],
    authorized: login.basic !== null,
    authorization: login.basic === null ? null : compileBasic(login.basic),
    body: login.body,
  });
  const extra = metricsOver(address.secure);
  const task = loginTask(login, { redirects: settings.redirects, metrics: extra.length }, host);
  const start = (user: User, values: Values, call: Call): void => {
    const session = sessions.of(user);
    const request = build(values, null);
    session.waiting = new WaitingCalls();
    new Exchange({ task, call, session, token: null }, address, request).start();
  };
  return { name: `${workshop.name} login`, method: login.method, endpoint: null, ...untimed(workshop), extra, start };
}

/** The service's own address, or that of the URL; a rehearsal goes nowhere else. */
function placeOf({ path }: Login, address: Address, { rehearsal }: ClientHost): { address: Address; path: string } {
  if (!isUrl(path)) return { address, path };
  const url = new URL(path);
  return { address: rehearsal ? address : parseAddress(url.origin)!, path: url.pathname + url.search };
}
