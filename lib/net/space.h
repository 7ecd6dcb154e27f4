/* The room on the disk that downloads under way were promised, so that those that begin
 * together do not fill it together, and some of it stays free. */
#ifndef AVQA_NET_SPACE_H
#define AVQA_NET_SPACE_H

#include "net/outcome.h"

#include <stdint.h>

struct avqa_space {
    int64_t keep_free; /* bytes that are not ours to fill */
    int64_t promised;
};

/* Fails the outcome (ours, "disk-full") if `need` bytes more do not fit on the disk of
 * `fd` beside what was promised. A file system that does not tell is trusted. */
void avqa_space_check(const struct avqa_space *space, int fd, int64_t need,
                      struct avqa_net_outcome *outcome);

/* Promises `n` bytes to whom `*held` belongs, and takes them back as they arrive. */
void avqa_space_hold(struct avqa_space *space, int64_t *held, int64_t n);
void avqa_space_return(struct avqa_space *space, int64_t *held, int64_t n);

#endif
