/** multipart/form-data bodies (RFC 7578): all that does not change from call to call is laid out once. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { compileText, hasTemplate, type Values } from "../../core/template.ts";
import type { Field } from "./settings.ts";

type Piece = Buffer | ((values: Values) => string);

export interface Multipart {
  readonly contentType: string;
  readonly render: (values: Values) => Buffer;
}

/** Reads the files it names. Throws where one cannot be read. */
export function compileMultipart(fields: Readonly<Record<string, Field>>): Multipart {
  const contents = Object.entries(fields).map(([name, field]) => ({ name, field, content: contentOf(field) }));
  const boundary = freeBoundary(contents.map(({ content }) => content));
  const pieces: Piece[] = contents.flatMap(({ name, field, content }) => [
    Buffer.from(`--${boundary}\r\n${headOf(name, field)}\r\n\r\n`),
    content,
    Buffer.from("\r\n"),
  ]);
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return { contentType: `multipart/form-data; boundary=${boundary}`, render: renderOf(pieces) };
}

function renderOf(pieces: readonly Piece[]): (values: Values) => Buffer {
  if (pieces.every((piece) => Buffer.isBuffer(piece))) {
    const whole = Buffer.concat(pieces);
    return () => whole;
  }
  return (values) =>
    Buffer.concat(pieces.map((piece) => (typeof piece === "function" ? Buffer.from(piece(values)) : piece)));
}

function contentOf({ content }: Field): Piece {
  if ("file" in content) return readFileSync(content.file);
  if ("base64" in content) return Buffer.from(content.base64, "base64");
  return hasTemplate(content.text) ? compileText(content.text) : Buffer.from(content.text);
}

function headOf(name: string, { content, filename, type }: Field): string {
  const isText = "text" in content;
  const shown = filename ?? ("file" in content ? basename(content.file) : isText ? null : name);
  const disposition = `Content-Disposition: form-data; name="${quoted(name)}"`;
  const kind = type ?? (isText ? null : "application/octet-stream");
  return (
    disposition +
    (shown === null ? "" : `; filename="${quoted(shown)}"`) +
    (kind === null ? "" : `\r\nContent-Type: ${kind}`)
  );
}

/** As the HTML standard encodes names in multipart forms. */
const quoted = (text: string): string => text.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");

/** A boundary that no constant content holds. */
function freeBoundary(contents: readonly Piece[]): string {
  let boundary = "----tenfold";
  while (contents.some((content) => Buffer.isBuffer(content) && content.includes(boundary)))
    boundary += `-${boundary.length}`;
  return boundary;
}
