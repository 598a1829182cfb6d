/** Endpoints and logins, compiled into ops. */
import { checksNeedBody, speaksOfStatus } from "../../core/check.ts";
import type { Endpoint } from "../../core/model.ts";
import type { Call, ClientHost, Op, User } from "../../core/plugin.ts";
import type { Values } from "../../core/template.ts";
import type { Address } from "../address.ts";
import { WaitingCalls } from "../waiting.ts";
import { compileAuthorization } from "./auth.ts";
import { Exchange, type Task } from "./exchange.ts";
import { loginTask } from "./login.ts";
import { KEPT_BYTES } from "./reply.ts";
import { compileRequest } from "./request.ts";
import type { Session, Sessions } from "./session.ts";
import type { Login, Method, RestEndpoint, RestSettings } from "./settings.ts";

/** What all ops of a service are made of. */
export interface Workshop {
  /** The service's. */
  readonly name: string;
  readonly address: Address;
  readonly settings: RestSettings;
  readonly sessions: Sessions;
}

const UNTIMED = { firstItem: null, gap: null } as const;

/** `login` is needed first where the endpoint goes with a token that the user has not got yet. */
export function compileEndpoint(endpoint: Endpoint, workshop: Workshop, login: Op | null): Op {
  const { authorized, timeout } = endpoint.settings as RestEndpoint;
  const { sessions } = workshop;
  const send = compileSend(endpoint, workshop);
  const op = {
    name: endpoint.name,
    method: endpoint.method,
    endpoint,
    ...UNTIMED,
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

function compileSend(endpoint: Endpoint, { address, settings }: Workshop): Send {
  const { authorized, ...request } = endpoint.settings as RestEndpoint;
  const build = compileRequest({
    ...request,
    method: endpoint.method as Method,
    base: address.path,
    headers: [settings.headers, request.headers],
    authorized,
    authorization: authorized && settings.auth !== null ? compileAuthorization(settings.auth) : null,
  });
  const task: Task = {
    keep: checksNeedBody(endpoint.checks) ? KEPT_BYTES : 0,
    statusIsChecked: speaksOfStatus(endpoint.checks),
    redirects: settings.redirects,
    settle: null,
  };
  return (session, values, call) => {
    const request = build(values, authorized ? session.token : null);
    new Exchange({ task, call, lane: session.lane, session }, address, request).start();
  };
}

/** The login, until it gave a token; a user whose login is under way waits for that one. */
const needOf = (session: Session, login: Op): Op | null =>
  session.token === null && session.waiting === null ? login : null;

/** The op `<service> login`. Where it failed, `needs` names it again: that is how the engine knows. */
export function compileLogin(login: Login, workshop: Workshop, host: ClientHost): Op {
  const { address, settings, sessions } = workshop;
  const build = compileRequest({
    method: login.method,
    base: address.path,
    path: login.path,
    query: login.query,
    headers: [settings.headers],
    authorized: false,
    authorization: null,
    body: login.json === undefined ? null : { kind: "json", value: login.json },
  });
  const task = loginTask(login, settings.redirects, host);
  const start = (user: User, values: Values, call: Call): void => {
    const session = sessions.of(user);
    const request = build(values, null);
    session.waiting = new WaitingCalls();
    new Exchange({ task, call, lane: session.lane, session }, address, request).start();
  };
  return { name: `${workshop.name} login`, method: login.method, endpoint: null, ...UNTIMED, start };
}
