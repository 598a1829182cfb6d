/** Reads which body a request has from the config. */
import type { Resolver } from "../../core/plugin.ts";
import { isBase64 } from "../base64.ts";
import type { RawEndpoint } from "./schema.ts";
import type { BodySpec, Field } from "./settings.ts";

const KINDS = ["json", "form", "multipart", "body", "body_file"] as const;
type Path = readonly (string | number)[];

/** The endpoint's body; null without. Two kinds, unreadable files and bytes that are no base64 are reported. */
export function resolveBody(raw: RawEndpoint, here: Path, at: Resolver): BodySpec | null {
  const given = KINDS.filter((kind) => raw[kind] !== undefined);
  if (given.length > 1)
    at.issue([...here, given[1]!], `expected one body, found ${given.join(" and ")}: keep one of them`);
  const [kind] = given;
  if (kind === undefined) return null;
  if (kind !== "multipart" && kind !== "body_file") at.templates([...here, kind], raw[kind]);
  switch (kind) {
    case "json":
      return { kind, value: raw.json };
    case "form":
      return { kind, fields: raw.form! };
    case "body":
      return { kind: "text", text: raw.body! };
    case "body_file":
      return { kind: "file", file: at.file([...here, kind], raw.body_file!) ?? "" };
    case "multipart":
      return { kind, fields: resolveFields(raw.multipart!, [...here, kind], at) };
  }
}

type RawFields = NonNullable<RawEndpoint["multipart"]>;

const resolveFields = (raw: RawFields, here: Path, at: Resolver): Record<string, Field> =>
  Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, resolveField(value, [...here, name], at)]));

function resolveField(raw: RawFields[string], here: Path, at: Resolver): Field {
  if (typeof raw === "string") {
    at.templates(here, raw);
    return { content: { text: raw }, filename: null, type: null };
  }
  const given = (["path", "bytes", "text"] as const).filter((key) => raw[key] !== undefined);
  if (given.length !== 1)
    at.issue(here, `expected one of path, bytes or text, found ${given.length === 0 ? "none" : given.join(" and ")}`);
  return { content: resolveContent(raw, here, at), filename: raw.filename ?? null, type: raw.type ?? null };
}

type RawFile = Exclude<RawFields[string], string>;

function resolveContent(raw: RawFile, here: Path, at: Resolver): Field["content"] {
  if (raw.path !== undefined) return { file: at.file([...here, "path"], raw.path) ?? "" };
  if (raw.bytes === undefined) {
    at.templates([...here, "text"], raw.text ?? "");
    return { text: raw.text ?? "" };
  }
  if (!isBase64(raw.bytes)) at.issue([...here, "bytes"], "expected base64, found other characters or a wrong length");
  return { base64: raw.bytes };
}
