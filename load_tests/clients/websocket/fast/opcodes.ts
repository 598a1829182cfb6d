/** Kinds of frames (RFC 6455 5.2). */
export const Opcode = { CONTINUATION: 0x0, TEXT: 0x1, BINARY: 0x2, CLOSE: 0x8, PING: 0x9, PONG: 0xa } as const;

/** Control frames are those whose highest bit is set (RFC 6455 5.5). */
export const FIRST_CONTROL = 0x8;
/** Bytes of a control frame's payload, and of the lengths that stand in seven bits. */
export const SHORT = 125;
/** Say that a length of 16 bits follows, or one of 64. */
export const IN_16_BITS = 126;
export const IN_64_BITS = 127;
