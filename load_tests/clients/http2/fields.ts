/** The header fields of one block, as they came. */
import type { Field } from "./static_fields.ts";

const NAME = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const UNFIT_VALUE = /[\0\r\n]/;
/** They speak of a connection, which HTTP/2 does otherwise (RFC 9113 8.2.2). */
const OF_CONNECTIONS = new Set(["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]);

/** Read only; one object may serve many blocks of the same bytes. */
export class Fields {
  /** Why an answer may not have these fields (RFC 9113 8.2.1, 8.2.2, 8.3); null where it may. */
  readonly malformed: string | null;
  /** `:status` (RFC 9113 8.3.2); 0 where there is none, or it is no number of three digits. */
  readonly status: number;
  private readonly byName = new Map<string, string[]>();

  constructor(fields: readonly Field[]) {
    for (const [name, value] of fields) {
      const values = this.byName.get(name);
      if (values === undefined) this.byName.set(name, [value]);
      else values.push(value);
    }
    this.malformed = malformed(fields);
    const status = this.get(":status") ?? "";
    this.status = /^[1-9]\d\d$/.test(status) ? Number(status) : 0;
  }

  /** The first value of a name in lower case. */
  get(name: string): string | undefined {
    return this.byName.get(name)?.[0];
  }

  /** All values of a name. */
  all(name: string): readonly string[] {
    return this.byName.get(name) ?? [];
  }

  names(): string[] {
    return [...this.byName.keys()];
  }
}

function malformed(fields: readonly Field[]): string | null {
  let pseudo = true;
  const seen = new Set<string>();
  for (const [name, value] of fields) {
    if (!NAME.test(name)) return `a header field named ${JSON.stringify(name)} (8.2.1)`;
    if (UNFIT_VALUE.test(value)) return `a value of ${name} with what no value may have (8.2.1)`;
    if (OF_CONNECTIONS.has(name)) return `the field ${name}, which is of HTTP/1 (8.2.2)`;
    const isPseudo = name.startsWith(":");
    if (isPseudo && (name !== ":status" || seen.has(name))) return `the pseudo-header ${name} (8.3.2)`;
    if (isPseudo && !pseudo) return `the pseudo-header ${name} after other fields (8.3)`;
    pseudo = isPseudo;
    seen.add(name);
  }
  return null;
}
