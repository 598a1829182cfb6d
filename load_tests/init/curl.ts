/** A config from a curl command. */
import { createMask } from "../core/mask.ts";
import { type ConfigDraft, NoConfig, secretOf, serviceName } from "./draft.ts";
import { Cleaner, endpointOf } from "./recorded.ts";

export const isCurl = (text: string): boolean => /^\s*(\$\s*)?curl\s/.test(text);

/** Words as a POSIX shell splits them, with line ends after a backslash; also `$'...'` of "copy as curl". */
function words(text: string): string[] {
  const found: string[] = [];
  const pattern = /\$?'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)|(\s+)/g;
  let word: string | null = null;
  for (const [whole, single, double, escaped, plain] of text.matchAll(pattern)) {
    if (single === undefined && double === undefined && escaped === undefined && plain === undefined) {
      if (word !== null) found.push(word);
      word = null;
    } else if (escaped !== undefined) word = escaped === "\n" ? word : (word ?? "") + escaped;
    else
      word =
        (word ?? "") +
        (plain ?? (double === undefined ? singleText(whole, single!) : double.replace(/\\(["\\$`])/g, "$1")));
  }
  return word === null ? found : [...found, word];
}

const singleText = (whole: string, text: string): string =>
  whole.startsWith("$") ? text.replace(/\\(.)/g, (_, c) => ({ n: "\n", r: "\r", t: "\t" })[c as "n"] ?? c) : text;

/** Flags with a value that say nothing of the request itself. */
const IGNORED =
  /^(-o|--output|-w|--write-out|--max-time|-m|--connect-timeout|--retry|-A|--user-agent|-e|--referer|-x|--proxy|--cacert|--cert|--key|-c|--cookie-jar|-b|--cookie)$/;
const DATA = /^(-d|--data|--data-raw|--data-binary|--data-ascii|--data-urlencode|--json)$/;

interface Command {
  method: string | null;
  url: string | null;
  user: string | null;
  get: boolean;
  readonly headers: [string, string][];
  readonly data: string[];
}

function read(text: string): Command {
  const command: Command = { method: null, url: null, user: null, get: false, headers: [], data: [] };
  const [, ...rest] = words(text.replace(/^\s*\$\s*/, ""));
  for (let i = 0; i < rest.length; i++) {
    const [, flag = rest[i]!, glued] =
      /^(--[\w-]+)=([\s\S]*)$/.exec(rest[i]!) ?? /^(-[XHdu])([\s\S]+)$/.exec(rest[i]!) ?? [];
    const value = (): string => glued ?? rest[++i] ?? "";
    if (flag === "-X" || flag === "--request") command.method = value().toUpperCase();
    else if (flag === "-I" || flag === "--head") command.method = "HEAD";
    else if (flag === "-G" || flag === "--get") command.get = true;
    else if (flag === "-u" || flag === "--user") command.user = value();
    else if (flag === "--url") command.url = value();
    else if (flag === "-H" || flag === "--header") {
      const [, name, content] = /^([^:]+):\s*([\s\S]*)$/.exec(value()) ?? [];
      if (name !== undefined) command.headers.push([name, content!]);
    } else if (DATA.test(flag)) {
      command.data.push(value());
      if (flag === "--json") command.headers.push(["content-type", "application/json"]);
    } else if (IGNORED.test(flag)) value();
    else if (!flag.startsWith("-")) command.url ??= flag;
  }
  return command;
}

export function fromCurl(text: string): ConfigDraft {
  const { method, url, user, get, headers, data } = read(text);
  const address = url === null ? "" : /^https?:\/\//i.test(url) ? url : `http://${url}`;
  if (!URL.canParse(address))
    throw new NoConfig("the curl command names no URL: expected one such as curl https://example.com/");
  const parsed = new URL(address);
  if (get) for (const [name, value] of new URLSearchParams(data.join("&"))) parsed.searchParams.append(name, value);
  const sends = data.length > 0 && !get;
  const type = headers.find(([name]) => /^content-type$/i.test(name))?.[1] ?? "application/x-www-form-urlencoded";
  const body = sends ? { type, text: data.join("&") } : null;
  const request = { method: method ?? (sends ? "POST" : "GET"), url: parsed, headers, body };
  const secret = [parsed.password, user?.slice(user.indexOf(":") + 1) ?? ""].filter((each) => each !== "");
  const basic = user !== null || parsed.username !== "";
  const auth = basic ? { auth: { basic: { user: secretOf("API_USER"), password: secretOf("API_PASSWORD") } } } : {};
  const endpoint = endpointOf(request, new Cleaner(createMask(secret)));
  const notes = /\$\{/.test(JSON.stringify([endpoint, auth])) ? ["Credentials are variables: set them."] : [];
  return { services: [{ name: serviceName(parsed.host), host: parsed.origin, ...auth, endpoints: [endpoint] }], notes };
}
