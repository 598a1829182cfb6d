/* `bench-nghttp2 COUNT_FILE`: the service of echo.proto on libnghttp2 alone, so fast that the client is the limit. Say sends a
   note back; Many sends it back 50 times, each in a frame of its own. */
#include "bench-epoll.h"

#include <nghttp2/nghttp2.h>
#include <poll.h>

#define MANY 50
#define NOTE 1024

typedef struct {
  int left;
  size_t used, at;
  uint8_t note[NOTE];
} Call;

static nghttp2_session *sessions[1 << 16];
static nghttp2_session_callbacks *callbacks;

#define FIELD(name, value) {(uint8_t *)name, (uint8_t *)value, sizeof name - 1, sizeof value - 1, NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE}
static nghttp2_nv head[] = {FIELD(":status", "200"), FIELD("content-type", "application/grpc")};
static nghttp2_nv trailers[] = {FIELD("grpc-status", "0")};

static Call *call_of(nghttp2_session *session, int32_t id) { return nghttp2_session_get_stream_user_data(session, id); }

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *_) {
  Call *call = malloc(sizeof *call);
  call->left = 1, call->used = call->at = 0;
  return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, call);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t length, const uint8_t *value, size_t size, uint8_t flags, void *_) {
  if (length == 5 && !memcmp(name, ":path", 5) && size > 4 && !memcmp(value + size - 4, "Many", 4)) call_of(session, frame->hd.stream_id)->left = MANY;
  return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t size, void *_) {
  Call *call = call_of(session, id);
  if (call->used + size > NOTE) return NGHTTP2_ERR_CALLBACK_FAILURE;
  memcpy(call->note + call->used, data, size);
  call->used += size;
  return 0;
}

/* One message, or as much of it as there is room for. */
static ssize_t next(nghttp2_session *session, int32_t id, uint8_t *to, size_t room, uint32_t *flags, nghttp2_data_source *source, void *_) {
  Call *call = source->ptr;
  size_t left = call->used - call->at, n = left < room ? left : room;
  memcpy(to, call->note + call->at, n);
  if (n < left) return call->at += n, n;
  call->at = 0;
  if (--call->left > 0) return n;
  *flags = NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
  ++*answers;
  return nghttp2_submit_trailer(session, id, trailers, 1) ? NGHTTP2_ERR_CALLBACK_FAILURE : n;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *_) {
  if (frame->hd.type > NGHTTP2_HEADERS || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
  nghttp2_data_provider provider = {.source.ptr = call_of(session, frame->hd.stream_id), .read_callback = next};
  return nghttp2_submit_response(session, frame->hd.stream_id, head, 2, &provider);
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *_) {
  free(call_of(session, id));
  return 0;
}

/* A client that does not read keeps all waiting: those of the bench read. */
static int write_all(int fd, const uint8_t *bytes, size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, bytes, size);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return 0;
    if (n > 0) bytes += n, size -= n;
    else poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
  }
  return 1;
}

/* Sends what there is, in writes as large as may be. */
static int send_all(int fd) {
  static uint8_t out[1 << 18];
  const uint8_t *bytes;
  size_t used = 0;
  ssize_t n;
  while ((n = nghttp2_session_mem_send(sessions[fd], &bytes)) > 0) {
    if (used + n > sizeof out && !write_all(fd, out, used)) return 0;
    if (used + n > sizeof out) used = 0;
    memcpy(out + used, bytes, n);
    used += n;
  }
  return n == 0 && write_all(fd, out, used);
}

static void greet(int fd) {
  must(nghttp2_session_server_new(&sessions[fd], callbacks, NULL) == 0, "nghttp2");
  nghttp2_submit_settings(sessions[fd], NGHTTP2_FLAG_NONE, NULL, 0);
}

static void part(int fd) {
  if (sessions[fd]) nghttp2_session_del(sessions[fd]);
  sessions[fd] = NULL;
}

static void take(Connection *c) {
  if (!read_more(c)) return part(c->fd);
  if (!sessions[c->fd]) greet(c->fd);
  int ok = nghttp2_session_mem_recv(sessions[c->fd], (uint8_t *)c->buffer, c->used) >= 0 && send_all(c->fd);
  c->used = 0;
  if (ok && (nghttp2_session_want_read(sessions[c->fd]) || nghttp2_session_want_write(sessions[c->fd]))) return;
  part(c->fd);
  hang_up(c);
}

int main(int argc, char **argv) {
  must(argc == 2, "bench-nghttp2 COUNT_FILE");
  count_in(argv[1]);
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  serve(take);
}
