/** Request bodies, compiled once: what holds no template is the same bytes each time. */
import { readFileSync } from "node:fs";
import { compileJson, compileText, hasTemplate, type Values } from "../../core/template.ts";
import { compileMultipart } from "./multipart.ts";
import type { BodySpec } from "./settings.ts";

export interface Body {
  /** Null where the config's own headers must say it. */
  readonly contentType: string | null;
  readonly constant: boolean;
  readonly render: (values: Values) => Buffer | string;
}

/** Reads the files that the body names. Throws where one cannot be read. */
export function compileBody(spec: BodySpec): Body {
  switch (spec.kind) {
    case "json":
      return fixedOr(spec.value, "application/json", jsonRenderer(spec.value));
    case "form":
      return fixedOr(spec.fields, "application/x-www-form-urlencoded", compileForm(spec.fields));
    case "text":
      return fixedOr(spec.text, null, compileText(spec.text));
    case "file": {
      const bytes = readFileSync(spec.file);
      return { contentType: null, constant: true, render: () => bytes };
    }
    case "multipart": {
      const { contentType, render } = compileMultipart(spec.fields);
      return { contentType, constant: !hasTemplate(spec.fields), render };
    }
  }
}

function jsonRenderer(value: unknown): (values: Values) => string {
  const fill = compileJson(value);
  return (values) => JSON.stringify(fill(values));
}

/** `name=value&...` as forms and queries have it; names and values may be templates. */
export function compileForm(fields: Readonly<Record<string, string>>): (values: Values) => string {
  const entries = Object.entries(fields).map(([name, value]) => [compileText(name), compileText(value)] as const);
  const pairs = (values: Values) => entries.map(([name, value]): [string, string] => [name(values), value(values)]);
  return (values) => new URLSearchParams(pairs(values)).toString();
}

function fixedOr(source: unknown, contentType: string | null, render: (values: Values) => string): Body {
  if (hasTemplate(source)) return { contentType, constant: false, render };
  const text = render(NO_VALUES);
  const body = text.length > IN_ONE_WRITE ? Buffer.from(text) : text;
  return { contentType, constant: true, render: () => body };
}

/** Characters: a short body goes in one write with its head, as text; a longer one need not be copied for each call. */
const IN_ONE_WRITE = 16 * 1024;

/** Constants are rendered at the start, when there are no values yet. */
const NO_VALUES = Object.freeze({}) as Values;
