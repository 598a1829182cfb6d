/** What came is no frame that may come; the message is a sentence. */

/** RFC 6455 7.4.1. */
const PROTOCOL_ERROR = 1002;

export class InvalidFrame extends Error {
  /** By which the connection is closed. */
  readonly closeCode: number;

  constructor(message: string, closeCode = PROTOCOL_ERROR) {
    super(message);
    this.closeCode = closeCode;
  }
}
