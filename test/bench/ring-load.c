/*
 * Rings at a Unix socket as hooks do, each over a connection of its own, so many at once.
 *
 *   ring-load SOCKET AT_ONCE TOTAL NAME BODY_FILE
 *
 * Prints JSON: seconds in all, and the median and 99th percentile of one ring's time in ms. Ends with 1 at the first ring that
 * is not answered with 200.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MAX_FDS = 4096, MAX_BODY = 8192 };

static double began[MAX_FDS];
static char answers[MAX_FDS][64];
static int answered[MAX_FDS];
static struct sockaddr_un name = {.sun_family = AF_UNIX};
static char body[MAX_BODY];
static size_t body_size;
static const char *prefix;
static int poll_fd;

static void check(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void ring(int n) {
  static char request[MAX_BODY + 512];
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(fd >= 0 && fd < MAX_FDS, "socket");
  began[fd] = now_ms();
  answered[fd] = 0;
  check(connect(fd, (struct sockaddr *)&name, sizeof name) == 0, "connect");
  int head = sprintf(request, "POST /v1/ring?name=%s-%d.json HTTP/1.1\r\nHost: local\r\nContent-Length: %zu\r\n\r\n", prefix, n, body_size);
  memcpy(request + head, body, body_size);
  check(write(fd, request, head + body_size) == (ssize_t)(head + body_size), "write");
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &event);
}

static int by_time(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  check(argc == 6, "usage: ring-load SOCKET AT_ONCE TOTAL NAME BODY_FILE");
  int at_once = atoi(argv[2]), total = atoi(argv[3]), sent = 0, done = 0;
  FILE *file = fopen(argv[5], "r");
  check(file != NULL, argv[5]);
  body_size = fread(body, 1, sizeof body, file);
  prefix = argv[4];
  strncpy(name.sun_path, argv[1], sizeof name.sun_path - 1);
  signal(SIGPIPE, SIG_IGN);
  poll_fd = epoll_create1(0);
  double *times = calloc(total, sizeof *times), started = now_ms();
  while (sent < at_once && sent < total) ring(sent++);
  while (done < total) {
    struct epoll_event events[256];
    int count = epoll_wait(poll_fd, events, 256, 10000);
    check(count > 0, "no answer for ten seconds");
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      char sink[1024];
      ssize_t got = read(fd, sink, sizeof sink);
      if (got > 0) {
        if (answered[fd] == 0) memcpy(answers[fd], sink, got < 63 ? got : 63);
        answered[fd] += got;
        continue;
      }
      check(got == 0 && strncmp(answers[fd], "HTTP/1.1 200", 12) == 0, "a ring was not answered with 200");
      times[done++] = now_ms() - began[fd];
      close(fd);
      if (sent < total) ring(sent++);
    }
  }
  double seconds = (now_ms() - started) / 1e3;
  qsort(times, total, sizeof *times, by_time);
  printf("{\"seconds\":%.4f,\"median\":%.3f,\"p99\":%.3f}\n", seconds, times[total / 2], times[total * 99 / 100]);
  return 0;
}
