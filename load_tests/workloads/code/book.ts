/** The calls and metrics that code of one workload has asked for so far, each known by its form. */
import { METRIC_KINDS, type MetricOptions } from "../../core/code.ts";
import type { Line, Request, WorkloadHost } from "../../core/workload.ts";

/** Names that reports can show; what comes after them counts as one. */
const MOST_NAMES = 200;
const OTHER = "(other names)";
/** Forms are kept so that each is compiled once; code that makes ever new ones must not fill the memory. */
const MOST_FORMS = 2000;

/** What stays the same from call to call. */
export interface Form {
  /** The line of the reports. */
  readonly name: string;
  readonly request: Request;
}

export class Book {
  private readonly host: WorkloadHost;
  private readonly names = new Set<string>();
  private readonly forms = new Map<string, Form>();
  private readonly lines = new Map<string, Line>();

  constructor(host: WorkloadHost) {
    this.host = host;
  }

  /** The form of this key; what it is made of is asked for once. Where names have become too many, it is that of all further ones. */
  form(key: string, name: string | (() => string), make: () => Request): Form {
    return kept(this.forms, key, () => {
      const { service, entry } = make();
      const bounded = this.bounded(typeof name === "string" ? name : name());
      return kept(this.forms, `${service} ${bounded} ${JSON.stringify(entry)}`, () => ({
        name: bounded,
        request: { service, entry: { ...entry, name: bounded } },
      }));
    });
  }

  /** The line of a metric. Throws where it has no name that criteria can speak of. */
  metric(name: string, { kind = "gauge", unit = "" }: MetricOptions): Line {
    return kept(this.lines, `${kind} ${unit} ${name}`, () => {
      if (!METRIC_KINDS.includes(kind))
        throw new TypeError(`expected a kind of metric (${METRIC_KINDS.join(", ")}), found "${kind}"`);
      const shown = { timing: "ms", rate: "ratio", gauge: unit, counter: unit }[kind];
      const adds = kind === "counter" ? { adds: true } : {};
      return { name: this.bounded(name), method: "metric", metrics: [{ name: worded(name), unit: shown, ...adds }] };
    });
  }

  /** The line of a group: its time, and whether it failed. */
  group(name: string): Line {
    return kept(this.lines, `group ${name}`, () => ({
      name: this.bounded(name),
      method: "group",
      metrics: [
        { name: worded(name), unit: "ms" },
        { name: `${name}_failed`, unit: "ratio" },
      ],
    }));
  }

  /** The line of a part of a group. */
  part(group: string, name: string): Line {
    return kept(this.lines, `part ${group} ${name}`, () => ({
      name: this.bounded(`${group}: ${name}`),
      method: "group",
      metrics: [{ name: "part", unit: "ms" }],
    }));
  }

  /** The name itself, or that of all further ones. */
  bounded(name: string): string {
    if (this.names.has(name)) return name;
    if (this.names.size >= MOST_NAMES) {
      this.host.notice?.("names-bounded", TOO_MANY);
      return OTHER;
    }
    this.names.add(name);
    return name;
  }
}

const TOO_MANY = `code gave more than ${MOST_NAMES} names: further ones count as "${OTHER}"; where paths vary, name the call: user.get(path, { name: "GET /items/:id" })`;

function kept<Kept>(all: Map<string, Kept>, form: string, make: () => Kept): Kept {
  const known = all.get(form);
  if (known !== undefined) return known;
  const made = make();
  if (all.size >= MOST_FORMS) all.clear();
  all.set(form, made);
  return made;
}

/** A name that criteria can speak of. */
function worded(name: string): string {
  if (/^[a-z]\w*$/.test(name)) return name;
  throw new TypeError(`expected a name of lower-case letters, digits and _ such as cart_value, found "${name}"`);
}
