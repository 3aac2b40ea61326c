/*
 * Times what an IDE waits for when it runs a hook: from posix_spawn to the hook's exit and the end of its output.
 *
 *   hook-timer ROUNDS PAUSE_MS PAYLOAD_FILE < variants
 *
 * A variant is one line: `fed` or `open`, a tab, then the program and its arguments, divided by tabs. `fed` gets the payload on
 * stdin and stdin closed, as Kiro 1.x does it; for `open` stdin stays open and silent until the hook has ended, as in Kiro 0.x.
 * Each round runs every variant once, in a new order; three rounds more come first, to warm up. Between two runs is a pause, in
 * which children that a hook left behind finish: in life hooks are minutes apart. Prints one JSON array of times (ms) a variant.
 *
 * In C, because a Node parent's own fork costs more than the hook, and differs from run to run.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_VARIANTS = 32, MAX_WORDS = 16, WARM_UP = 3 };

struct variant {
  int fed;
  char *words[MAX_WORDS];
  double *times;
};

extern char **environ;
static char payload[1 << 20];
static size_t payload_size;

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

static double run(const struct variant *v) {
  int in[2], out[2], status;
  pid_t pid;
  char sink[4096];
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  double started = now_ms();

  check(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0, "pipe");
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, out[1], 2);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  check(posix_spawnp(&pid, v->words[0], &actions, &attributes, v->words, environ) == 0, v->words[0]);
  close(in[0]);
  close(out[1]);
  if (v->fed) {
    check(write(in[1], payload, payload_size) == (ssize_t)payload_size, "write");
    close(in[1]);
  }
  while (read(out[0], sink, sizeof sink) > 0);
  check(waitpid(pid, &status, 0) == pid, "waitpid");
  double took = now_ms() - started;

  check(WIFEXITED(status) && WEXITSTATUS(status) == 0, v->words[0]);
  if (!v->fed) close(in[1]);
  close(out[0]);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return took;
}

static int read_variants(struct variant *variants, int runs) {
  static char line[8192];
  int count = 0;
  while (count < MAX_VARIANTS && fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    struct variant *v = &variants[count++];
    int words = 0;
    v->fed = strcmp(strtok(line, "\t"), "fed") == 0;
    for (char *word; words < MAX_WORDS - 1 && (word = strtok(NULL, "\t"));) v->words[words++] = strdup(word);
    v->words[words] = NULL;
    v->times = calloc(runs, sizeof *v->times);
  }
  return count;
}

int main(int argc, char **argv) {
  static struct variant variants[MAX_VARIANTS];
  check(argc == 4, "usage: hook-timer ROUNDS PAUSE_MS PAYLOAD_FILE");
  int rounds = atoi(argv[1]), pause_ms = atoi(argv[2]), order[MAX_VARIANTS];
  FILE *file = fopen(argv[3], "r");
  check(file != NULL, argv[3]);
  payload_size = fread(payload, 1, sizeof payload, file);
  signal(SIGPIPE, SIG_IGN);
  srand(1);

  int count = read_variants(variants, rounds);
  for (int i = 0; i < count; i++) order[i] = i;
  for (int round = -WARM_UP; round < rounds; round++) {
    for (int i = count - 1; i > 0; i--) {
      int j = rand() % (i + 1), swap = order[i];
      order[i] = order[j], order[j] = swap;
    }
    for (int i = 0; i < count; i++) {
      double took = run(&variants[order[i]]);
      if (round >= 0) variants[order[i]].times[round] = took;
      usleep(pause_ms * 1000);
    }
  }
  printf("[");
  for (int i = 0; i < count; i++) {
    printf("%s[", i ? "," : "");
    for (int r = 0; r < rounds; r++) printf("%s%.3f", r ? "," : "", variants[i].times[r]);
    printf("]");
  }
  printf("]\n");
  return 0;
}
