/** `hosts` as one text, `a, b`, as variables have them; services that have none are left out. */
import type { Path, Tree } from "./document.ts";
import { valueAt } from "./issues.ts";

type Raw = Record<string, unknown>;

const isRaw = (value: unknown): value is Raw => typeof value === "object" && value !== null && !Array.isArray(value);

/** Services whose `hosts` is a text, with its addresses. */
function listed(tree: unknown): { path: Path; raw: Raw; hosts: string[] }[] {
  const services = Object(valueAt(tree, ["services"])) as Readonly<Record<string, unknown>>;
  return Object.entries(services).flatMap(([kind, named]) =>
    isRaw(named)
      ? Object.entries(named).flatMap(([name, raw]) =>
          isRaw(raw) && "hosts" in raw && (raw.hosts === null || typeof raw.hosts === "string")
            ? [
                {
                  path: ["services", kind, name],
                  raw,
                  hosts: (raw.hosts ?? "").split(/[\s,]+/).filter((each) => each !== ""),
                },
              ]
            : [],
        )
      : [],
  );
}

/**
 * Makes lists of the texts in the tree. A service without any address is taken out, and with it the workloads that call
 * it and the phases of these; where no service has one, all are played by stand-ins. Gives lines that say so.
 */
export function spreadAddresses({ value: tree }: Tree): string[] {
  const all = listed(tree);
  const given = all.filter(({ hosts }) => hosts.length > 0);
  for (const { raw, hosts } of given) {
    if (hosts.length > 1) raw.hosts = [...new Set(hosts)];
    else become(raw, hosts[0]!);
  }
  if (all.length === 0 || given.length === all.length) return [];
  if (given.length === 0) {
    for (const { raw } of all) become(raw, "embedded");
    return ["no service has an address: stand-ins are called"];
  }
  const empty = all.filter(({ hosts }) => hosts.length === 0).map(({ path }) => String(path.at(-1)));
  leaveOut(tree as Raw, empty);
  return empty.map((name) => `left out: ${name}, which has no address`);
}

function become(raw: Raw, host: string): void {
  delete raw.hosts;
  raw.host = host;
}

function leaveOut(tree: Raw, names: readonly string[]): void {
  for (const kind of Object.values(Object(tree.services))) if (isRaw(kind)) for (const name of names) delete kind[name];
  const workloads = isRaw(tree.workloads) ? tree.workloads : {};
  const idle = Object.entries(workloads).filter(([, each]) => isRaw(each) && names.includes(String(each.service)));
  for (const [name] of idle) delete workloads[name];
  const gone = new Set(idle.map(([name]) => name));
  for (const scenario of Object.values(Object(tree.scenarios))) {
    if (!isRaw(scenario)) continue;
    if (Array.isArray(scenario.services)) scenario.services = scenario.services.filter((name) => !names.includes(name));
    for (const phase of Array.isArray(scenario.phases) ? scenario.phases : []) {
      if (!isRaw(phase) || !gone.has(String(phase.workload))) continue;
      delete phase.workload;
      phase.iterations = 0;
    }
  }
}
