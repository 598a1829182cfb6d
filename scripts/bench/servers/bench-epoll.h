/* What the servers have in common: one thread on epoll, a port of the system's choice on every loopback address, and
   a count of answers in a file that the bench maps and reads at any time. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BUFFER 4096
#define EVENTS 512

typedef struct {
  int fd, used, generation;
  double read_at;
  char open, upgraded, buffer[BUFFER];
} Connection;

static volatile uint64_t *answers;
static Connection *connections[1 << 16];

static void must(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static void count_in(const char *file) {
  int fd = open(file, O_RDWR | O_CREAT, 0600);
  must(fd >= 0 && ftruncate(fd, 8) == 0, file);
  answers = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  must(answers != MAP_FAILED, "mmap");
}

static int listening(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  must(bind(fd, (struct sockaddr *)&at, size) == 0 && listen(fd, 4096) == 0, "listen");
  getsockname(fd, (struct sockaddr *)&at, &size);
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  signal(SIGPIPE, SIG_IGN);
  return fd;
}

static void accept_all(int listener, int epoll) {
  int fd, yes = 1;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    Connection *c = connections[fd] ? connections[fd] : (connections[fd] = calloc(1, sizeof *c));
    c->fd = fd, c->used = 0, c->upgraded = 0, c->open = 1, c->generation++;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

static void hang_up(Connection *c) {
  c->open = 0;
  close(c->fd);
}

/* Reads what is there; 0 where the connection is gone or sent more than fits. */
static int read_more(Connection *c) {
  ssize_t n = read(c->fd, c->buffer + c->used, BUFFER - 1 - c->used);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 1;
  if (n <= 0) return hang_up(c), 0;
  c->used += n;
  c->buffer[c->used] = 0;
  return 1;
}

/* Takes connections, and calls `take` for each that has something to read, for ever. Not used by a server with a clock. */
static inline void serve(void (*take)(Connection *)) {
  int listener = listening(), epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int n = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < n; i++)
      if (events[i].data.ptr) take(events[i].data.ptr);
      else accept_all(listener, epoll);
  }
}
