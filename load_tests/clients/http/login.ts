/** The call that gives a user its token: once a user, before the first call that needs it. */
import type { ClientHost } from "../../core/plugin.ts";
import type { Ending } from "../failure.ts";
import { compileJsonPath } from "../json_path.ts";
import type { Exchange, Task } from "./exchange.ts";
import { KEPT_BYTES } from "./reply.ts";
import type { Session } from "./session.ts";
import type { Login } from "./settings.ts";

/** What a login does with its answer: the token goes into the user's session, and those who wait for it go on. */
export function loginTask(login: Login, common: Pick<Task, "redirects" | "metrics">, host: ClientHost): Task {
  const tokenOf = tokenReader(login.token);
  const settle = (exchange: Exchange, ending: Ending | null): Ending | null => {
    const { session } = exchange;
    const token = ending?.outcome === "ok" ? tokenOf(exchange.reply!.json()) : null;
    if (token !== null) {
      host.secret(token);
      session.token = token;
    }
    const judged = ending?.outcome === "ok" && token === null ? noToken(login, exchange, ending) : ending;
    wake(session, judged ?? CUT);
    return judged;
  };
  return { keep: KEPT_BYTES, keepsHeaders: true, statusIsChecked: false, ...common, settle };
}

function wake(session: Session, ending: Ending): void {
  const { waiting } = session;
  session.waiting = null;
  if (session.token === null) waiting?.fail(ending);
  else waiting?.go();
}

const CUT: Ending = { outcome: "invalid", status: "NO_TOKEN", message: "the login of this user was cut" };

const noToken = (login: Login, { reply }: Exchange, { status }: Ending): Ending => ({
  outcome: "invalid",
  status,
  message: `expected a token at ${login.token}, found none in an answer of ${reply!.size} bytes`,
});

function tokenReader(path: string): (json: unknown) => string | null {
  const find = compileJsonPath(path);
  return (json) => {
    const found = find(json);
    return (typeof found === "string" && found !== "") || typeof found === "number" ? String(found) : null;
  };
}
