/** Which texts of a config may never be shown. */
import { isCount, isSecretKey } from "../core/mask.ts";
import type { Path, Tree } from "./document.ts";
import type { Flags } from "./flags.ts";
import { valueAt } from "./issues.ts";
import type { Environment } from "./variables.ts";

const PRIVATE_PARTS = new Set(["auth", "headers", "metadata", "query", "path", "ready"]);
/** What says where a secret comes from is none itself. */
const REFERENCE = /^\s*(\$\.|\{\{[^}]*\}\}\s*$)/;
const ENV_IN_TEMPLATE = /\{\{[^}]*?\benv\.(\w+)/g;

/** Keys of a service, without its kind and its name; of a workload, without its name. */
const below = (path: Path): Path => path.slice(path[0] === "workloads" || path[1] === "gateway" ? 2 : 3);

const isPrivate = (path: Path): boolean =>
  below(path).some((key) => typeof key === "string" && (PRIVATE_PARTS.has(key) || isSecretKey(key)));

const isHost = (path: Path): boolean => path.at(-1) === "host" || path.at(-2) === "hosts";

/** `user:password` of a URL. */
export function userInfo(address: string): string | null {
  return /^(?:[a-z][a-z\d+.-]*:)?\/\/([^/?#]*)@/i.exec(address)?.[1] ?? /^([^/?#\s]+)@/.exec(address)?.[1] ?? null;
}

/** An address that may be shown: without its user, its password, and the values of its query. */
export function shownAddress(address: string): string {
  const info = userInfo(address);
  const bare = info === null ? address : address.replace(`${info}@`, "***@");
  return bare.replace(/([?&][^=&#]+)=[^&#]*/g, "$1=***");
}

/** What of an address is secret: user and password, and the values of the query. */
function addressSecrets(address: string): string[] {
  const info = userInfo(address);
  const password = info?.includes(":") ? info.slice(info.indexOf(":") + 1) : info;
  const query = [...address.matchAll(/[?&][^=&#]+=([^&#]*)/g)].map(([, value]) => value!);
  return [...(info === null ? [] : [info, password ?? info]), ...query].flatMap((text) => [text, decoded(text)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The part of an address before its path, without the user: where a variable's value is an address and no secret. */
const hostPart = (address: string): string =>
  address
    .replace(/^([a-z][a-z\d+.-]*:)?\/\//i, "")
    .replace(/^[^/?#]*@/, "")
    .replace(/[/?#].*$/s, "");

const ofHook = (path: Path): boolean => path[0] === "scenarios" && (path[4] === "on_enter" || path[4] === "on_exit");

/** What a hook may keep to itself: variables of its command and headers, keys of secrets, what of its address is secret. */
function hookSecrets({ value, substitutions }: Tree): string[] {
  const told = leaves(valueAt(value, ["scenarios"]), ["scenarios"]).filter(({ path }) => ofHook(path));
  const hidden = (path: Path): boolean => path.slice(5).some((key) => key === "command" || key === "headers");
  return [
    ...substitutions.filter(({ path }) => ofHook(path) && hidden(path)).flatMap(({ values }) => values),
    ...told.filter(({ path }) => path.slice(5).some((key) => isSecretKey(String(key)))).map(({ text }) => text),
    ...told.filter(({ path }) => path.at(-1) === "url").flatMap(({ text }) => addressSecrets(text)),
  ];
}

function substituted({ substitutions }: Tree): string[] {
  return substitutions.flatMap(({ path, whole, values, text }) => {
    if (path[0] !== "services" && path[0] !== "workloads") return [];
    if (isHost(path)) return whole ? [] : values.filter((value) => !hostPart(text).includes(value));
    return isPrivate(path) ? values.flatMap((value) => [value, ...jsonTexts(value)]) : [];
  });
}

/** Texts of a map in JSON. */
function jsonTexts(text: string): string[] {
  if (!text.trimStart().startsWith("{")) return [];
  try {
    return leaves(JSON.parse(text), []).map((leaf) => leaf.text);
  } catch {
    return [];
  }
}

interface Leaf {
  readonly path: Path;
  readonly text: string;
}

function leaves(value: unknown, path: Path): Leaf[] {
  if (typeof value === "string" || typeof value === "number") return [{ path, text: String(value) }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    leaves(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** Of what is sent: the services and the steps that call them. */
const sentLeaves = (tree: unknown): Leaf[] =>
  ["services", "workloads"].flatMap((part) => leaves(valueAt(tree, [part]), [part]));

const ENV_IN_CONDITION = /\benv\.(\w+)/g;
const isCondition = (path: Path): boolean => path[0] === "workloads" && /^(if|until)$/.test(String(path.at(-1)));

/** Names of the environment that templates of the services use, and where first. */
export function templateVariables(tree: unknown): Map<string, Path> {
  const names = new Map<string, Path>();
  for (const { path, text } of sentLeaves(tree))
    for (const [, name] of text.matchAll(isCondition(path) ? ENV_IN_CONDITION : ENV_IN_TEMPLATE))
      if (!names.has(name!)) names.set(name!, path);
  return names;
}

/** Values of a path's query under the keys of secrets. */
const querySecrets = (text: string): string[] =>
  [...text.matchAll(/[?&]([^=&#]+)=([^&#]*)/g)]
    .filter(([, key, value]) => isSecretKey(key!) && !REFERENCE.test(value!))
    .flatMap(([, , value]) => [value!, decoded(value!)]);

/** Secrets of `--host` and `--set`, also where these name nothing that is there. */
export function flagSecrets({ host = [], set = [] }: Flags): string[] {
  const hosts = host.flatMap((written) => addressSecrets(written.replace(/^[^=:/?]+=/, "")));
  const sets = set.flatMap((written) => {
    const at = written.indexOf("=");
    const path = written.slice(0, at).split(".");
    const value = written.slice(at + 1);
    if (at < 0 || path[0] !== "services") return [];
    return [...(isPrivate(path) ? [value] : []), ...(isHost(path) ? addressSecrets(value) : querySecrets(value))];
  });
  return [...hosts, ...sets].filter((text) => text.length > 0);
}

/** Every text of the config that is a secret. */
export function secretsOf(tree: Tree, env: Environment): string[] {
  const all = sentLeaves(tree.value);
  const literal = all.filter(
    ({ path, text }) =>
      below(path).some((key) => typeof key === "string" && isSecretKey(key) && !isCount(key, text)) &&
      !REFERENCE.test(text),
  );
  const addresses = all.filter(({ path }) => isHost(path)).flatMap(({ text }) => addressSecrets(text));
  const templated = all.flatMap(({ path, text }) =>
    isPrivate(path) || isHost(path) ? [...text.matchAll(ENV_IN_TEMPLATE)].map(([, name]) => env[name!] ?? "") : [],
  );
  const queries = all.filter(({ path }) => path.at(-1) === "path").flatMap(({ text }) => querySecrets(text));
  const found = [
    ...substituted(tree),
    ...queries,
    ...literal.map(({ text }) => text),
    ...addresses,
    ...templated,
    ...hookSecrets(tree),
  ];
  return [...new Set(found)].filter((text) => text.length > 0);
}
