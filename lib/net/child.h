/* A program run beside us: what it says on its two channels is kept, within bounds, and
 * it can be killed with everything it started. It gets a process group of its own, so
 * that a Ctrl-C does not reach it before us. */
#ifndef AVQA_NET_CHILD_H
#define AVQA_NET_CHILD_H

#include "base/buf.h"

#include <stdbool.h>
#include <sys/types.h>

struct avqa_child {
    pid_t pid;                /* 0: none runs */
    int fds[2];               /* its standard output and standard error; -1: closed */
    struct avqa_buf texts[2]; /* what came of them; beyond `max` it is dropped */
};

#define AVQA_CHILD_INIT                                                                \
    {                                                                                  \
        .fds = { -1, -1 }                                                              \
    }

/* Starts argv[0], looked for in PATH, in `folder` (NULL: here). 0, or an errno. */
int avqa_child_start(struct avqa_child *c, char *const *argv, char *const *environment,
                     const char *folder);

/* Reads what has come, without waiting. True when it has ended; then *code is its exit
 * code, 128 if a signal ended it. */
bool avqa_child_poll(struct avqa_child *c, int *code);

/* Kills what still runs and forgets all. Zero but for the fds is legal. */
void avqa_child_end(struct avqa_child *c);

#endif
