/* `bench-ws COUNT_FILE`: a WebSocket service that sends each message back as it came. Messages of up to 4,000 bytes, one frame each. */
#include "bench-epoll.h"

static uint32_t rol(uint32_t x, int n) { return x << n | x >> (32 - n); }

/* SHA-1 (FIPS 180-4) of the handshake's key and GUID: 60 bytes, two blocks. */
static void sha1(const unsigned char *text, int length, unsigned char digest[20]) {
  unsigned char block[128] = {0};
  uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, w[80];
  memcpy(block, text, length);
  block[length] = 0x80, block[126] = length * 8 >> 8, block[127] = length * 8;
  for (int b = 0; b < 128; b += 64) {
    for (int i = 0; i < 16; i++) w[i] = block[b + 4 * i] << 24 | block[b + 4 * i + 1] << 16 | block[b + 4 * i + 2] << 8 | block[b + 4 * i + 3];
    for (int i = 16; i < 80; i++) w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = h[0], c = h[1], d = h[2], e = h[3], f = h[4];
    for (int i = 0; i < 80; i++) {
      uint32_t g = i < 20 ? (c & d) | (~c & e) : i < 40 ? c ^ d ^ e : i < 60 ? (c & d) | (c & e) | (d & e) : c ^ d ^ e;
      uint32_t k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
      uint32_t t = rol(a, 5) + g + f + k + w[i];
      f = e, e = d, d = rol(c, 30), c = a, a = t;
    }
    h[0] += a, h[1] += c, h[2] += d, h[3] += e, h[4] += f;
  }
  for (int i = 0; i < 20; i++) digest[i] = h[i / 4] >> (24 - 8 * (i % 4));
}

static void base64(const unsigned char *bytes, char *text) {
  static const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0; i < 20; i += 3) {
    uint32_t three = bytes[i] << 16 | bytes[i + 1] << 8 | (i + 2 < 20 ? bytes[i + 2] : 0);
    for (int k = 0; k < 4; k++) *text++ = digits[three >> (18 - 6 * k) & 63];
  }
  strcpy(text - 1, "=");
}

static void upgrade(Connection *c) {
  char key[64], accept[32], answer[256];
  unsigned char digest[20];
  const char *header = strcasestr(c->buffer, "\r\nsec-websocket-key:");
  if (!strstr(c->buffer, "\r\n\r\n")) return;
  if (!header) return hang_up(c);
  sscanf(header + 20, " %24s", key);
  strcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  sha1((unsigned char *)key, strlen(key), digest);
  base64(digest, accept);
  int size = snprintf(answer, sizeof answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
  if (write(c->fd, answer, size) < 0) return hang_up(c);
  c->upgraded = 1, c->used = 0;
}

/* Answers the frame at `f`, of which `left` bytes are there; gives its length, or 0 where more must come. */
static int echo(Connection *c, unsigned char *f, int left) {
  if (left < 6) return 0;
  int length = f[1] & 127, head = length == 126 ? 8 : 6, opcode = f[0] & 15;
  if (length == 126) length = f[2] << 8 | f[3];
  if (length == 127 || left < head + length) return length == 127 || length > BUFFER - 16 ? (hang_up(c), 0) : 0;
  unsigned char out[BUFFER], *mask = f + head - 4, *to = out;
  *to++ = opcode == 9 ? 0x8a : f[0];
  if (length >= 126) *to++ = 126, *to++ = length >> 8, *to++ = length;
  else *to++ = length;
  for (int i = 0; i < length; i++) to[i] = f[head + i] ^ mask[i & 3];
  if (write(c->fd, out, to - out + length) < 0 || opcode == 8) hang_up(c);
  if (opcode < 3) ++*answers;
  return head + length;
}

static void take(Connection *c) {
  if (!read_more(c)) return;
  if (!c->upgraded) return upgrade(c);
  int done = 0, length;
  while (c->open && (length = echo(c, (unsigned char *)c->buffer + done, c->used - done)) > 0) done += length;
  memmove(c->buffer, c->buffer + done, c->used -= done);
}

int main(int argc, char **argv) {
  must(argc == 2, "bench-ws COUNT_FILE");
  count_in(argv[1]);
  serve(take);
}
