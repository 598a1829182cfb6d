/** Where a service is: `host:port`, `grpc://host:port` in the clear, `grpcs://host:port` over TLS. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

const FORM = /^(?:(grpcs?):\/\/)?(\[[0-9a-fA-F:.]+\]|[^\s:/@]+):(\d{1,5})\/?$/;

/** Null where the text is no address. */
export function parseAddress(text: string): Address | null {
  const [, scheme, host, digits] = FORM.exec(text.trim()) ?? [];
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) return null;
  return { host, port, secure: scheme === "grpcs" };
}

/** `host:port`, as grpc-js and people take it. */
export const addressText = ({ host, port }: Address): string => `${host}:${port}`;
