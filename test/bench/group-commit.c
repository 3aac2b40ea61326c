/*
 * The least that a durable local relay costs: takes small HTTP requests on a Unix socket and answers each once its body is synced.
 *
 *   group-commit SOCKET FILE
 *
 * What came while the last sync ran is written and synced together. One thread, one connection a request.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_FDS = 4096, MAX_REQUEST = 16384, BATCH = 512 };

static struct { int have; char bytes[MAX_REQUEST]; } *requests[MAX_FDS];
static const char ANSWER[] = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

static void check(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

/* The body, once all of it is there. */
static char *body_of(int fd, size_t *size) {
  char *head = requests[fd]->bytes, *end = memmem(head, requests[fd]->have, "\r\n\r\n", 4), *length;
  if (!end || !(length = strcasestr(head, "content-length:"))) return NULL;
  *size = strtoul(length + 15, NULL, 10);
  return (size_t)requests[fd]->have >= (size_t)(end + 4 - head) + *size ? end + 4 : NULL;
}

int main(int argc, char **argv) {
  check(argc == 3, "usage: group-commit SOCKET FILE");
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strncpy(name.sun_path, argv[1], sizeof name.sun_path - 1);
  int door = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int file = open(argv[2], O_CREAT | O_WRONLY | O_APPEND, 0600), poll = epoll_create1(0);
  check(bind(door, (struct sockaddr *)&name, sizeof name) == 0 && listen(door, 1024) == 0 && file >= 0, argv[1]);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = door}, events[BATCH];
  epoll_ctl(poll, EPOLL_CTL_ADD, door, &event);
  puts("ready");
  fflush(stdout);
  for (;;) {
    int answer[BATCH], answers = 0, count = epoll_wait(poll, events, BATCH, -1);
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == door) {
        for (int client; (client = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
          check(client < MAX_FDS, "too many connections");
          if (!requests[client]) requests[client] = malloc(sizeof *requests[client]);
          requests[client]->have = 0;
          event = (struct epoll_event){.events = EPOLLIN, .data.fd = client};
          epoll_ctl(poll, EPOLL_CTL_ADD, client, &event);
        }
        continue;
      }
      ssize_t got = read(fd, requests[fd]->bytes + requests[fd]->have, MAX_REQUEST - 1 - requests[fd]->have);
      if (got <= 0) {
        if (got == 0 || errno != EAGAIN) close(fd);
        continue;
      }
      requests[fd]->have += got;
      requests[fd]->bytes[requests[fd]->have] = 0;
      size_t size;
      char *body = body_of(fd, &size);
      if (!body) continue;
      check(write(file, body, size) == (ssize_t)size, argv[2]);
      answer[answers++] = fd;
    }
    if (answers == 0) continue;
    check(fdatasync(file) == 0, "fdatasync");
    for (int i = 0; i < answers; i++) {
      if (write(answer[i], ANSWER, sizeof ANSWER - 1) < 0 && errno != EPIPE) perror("write");
      close(answer[i]);
    }
  }
}
