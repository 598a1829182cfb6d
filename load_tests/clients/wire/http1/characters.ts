/** Which bytes may stand where in an HTTP/1.1 message. */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;

const tableOf = (holds: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0));

/** 1 for tchar, of which names of headers are made (RFC 9110 5.6.2). */
export const NAME = tableOf((byte) => /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)));

/** 1 for what values of headers are made of: visible characters, blanks, and obs-text (RFC 9110 5.5). */
export const VALUE = tableOf((byte) => byte === HTAB || (byte >= SP && byte !== 0x7f));

/** The value of a hexadecimal digit; 255 for what is none. */
export const HEX = Uint8Array.from({ length: 256 }, (_, byte) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(byte).toLowerCase());
  return digit < 0 ? 255 : digit;
});

/** Whether these bytes are `name`, in letters of any case; `name` is in small letters. */
export function isName(bytes: Buffer, at: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) if ((bytes[at + i]! | 0x20) !== name.charCodeAt(i)) return false;
  return true;
}
