/* `bench-slow COUNT_FILE MEDIAN_MS SIGMA`: answers each HTTP request after a delay (lognormal; a median of 0 answers at once)
   and writes its own log: GET /.log gives the true percentiles of what was answered since the last such request, and with
   `?rate=R` how far arrivals were from an even schedule. */
#include "bench-epoll.h"
#include <math.h>

#define SLOT_MS 0.05
#define SLOTS 65536
#define MOST 4000000

typedef struct Due {
  Connection *connection;
  int generation;
  struct Due *next;
} Due;

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 46\r\n\r\n"
    "{\"ok\":true,\"id\":12345,\"name\":\"tenfold bench\"}\n";
static Due *wheel[SLOTS], *spare;
static long cursor, waiting;
static double median, sigma, began, taken[MOST], arrived[MOST];
static long answered, arrivals;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static double uniform(void) {
  static uint64_t s = 88172645463325252ull;
  s ^= s << 13, s ^= s >> 7, s ^= s << 17;
  return ((s >> 11) + 0.5) / 9007199254740992.0;
}

static double delay(void) { return median * exp(sigma * sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform())); }

static void answer(Connection *c) {
  if (write(c->fd, ANSWER, sizeof ANSWER - 1) < 0) return hang_up(c);
  if (answered < MOST) taken[answered++] = now() - c->read_at;
  ++*answers;
}

static void answer_later(Connection *c) {
  Due *due = spare ? spare : malloc(sizeof *due);
  spare = spare ? spare->next : NULL;
  long ahead = (long)ceil((c->read_at + delay() - began) / SLOT_MS) - cursor;
  long slot = (cursor + (ahead < 1 ? 1 : ahead >= SLOTS ? SLOTS - 1 : ahead)) % SLOTS;
  *due = (Due){c, c->generation, wheel[slot]};
  wheel[slot] = due, waiting++;
}

static void answer_due(void) {
  for (long until = (now() - began) / SLOT_MS; cursor < until;) {
    Due **slot = &wheel[++cursor % SLOTS];
    while (*slot) {
      Due *due = *slot;
      *slot = due->next, waiting--;
      if (due->connection->open && due->connection->generation == due->generation) answer(due->connection);
      due->next = spare, spare = due;
    }
  }
}

static int rising(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

static double at(const double *sorted, long n, double p) { return n ? sorted[(long)fmin(n - 1, ceil(p * n) - 1)] : 0; }

/* p99 of the distances of the arrivals from the even schedule of `rate` that fits them best; the first second left out. */
static double unevenness(double rate) {
  long first = rate, n = arrivals - first;
  if (rate <= 0 || n < 100) return 0;
  double *off = malloc(2 * n * sizeof *off), *sorted = off + n;
  for (long k = 0; k < n; k++) off[k] = sorted[k] = arrived[first + k] - k * 1e3 / rate;
  qsort(sorted, n, sizeof *sorted, rising);
  double middle = sorted[n / 2];
  for (long k = 0; k < n; k++) off[k] = fabs(off[k] - middle);
  qsort(off, n, sizeof *off, rising);
  double p99 = at(off, n, 0.99);
  free(off);
  return p99;
}

static void tell_log(Connection *c) {
  char body[256], all[400];
  const char *rate = strstr(c->buffer, "rate=");
  qsort(taken, answered, sizeof *taken, rising);
  int size = snprintf(body, sizeof body, "{\"count\":%ld,\"p50\":%.4f,\"p99\":%.4f,\"max\":%.4f,\"uneven\":%.4f}", answered,
                      at(taken, answered, 0.5), at(taken, answered, 0.99), at(taken, answered, 1),
                      unevenness(rate ? atof(rate + 5) : 0));
  size = snprintf(all, sizeof all, "HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s", size, body);
  if (write(c->fd, all, size) < 0) hang_up(c);
  answered = arrivals = 0;
}

static void take(Connection *c) {
  if (!read_more(c) || !strstr(c->buffer, "\r\n\r\n")) return;
  c->used = 0;
  c->read_at = now();
  if (!strncmp(c->buffer, "GET /.log", 9)) return tell_log(c);
  if (arrivals < MOST) arrived[arrivals++] = c->read_at;
  if (median > 0) answer_later(c);
  else answer(c);
}

int main(int argc, char **argv) {
  must(argc == 4, "bench-slow COUNT_FILE MEDIAN_MS SIGMA");
  count_in(argv[1]);
  median = atof(argv[2]), sigma = atof(argv[3]), began = now();
  int listener = listening(), epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    struct timespec tick = {0, SLOT_MS * 1e6};
    int n = epoll_pwait2(epoll, events, EVENTS, waiting ? &tick : NULL, NULL);
    if (waiting) answer_due();
    else cursor = (now() - began) / SLOT_MS;
    for (int i = 0; i < n; i++)
      if (events[i].data.ptr) take(events[i].data.ptr);
      else accept_all(listener, epoll);
  }
}
