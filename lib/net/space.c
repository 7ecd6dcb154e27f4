/* See space.h. */
#include "net/space.h"

#include <sys/statvfs.h>

void avqa_space_check(const struct avqa_space *space, int fd, int64_t need,
                      struct avqa_net_outcome *outcome)
{
    struct statvfs fs;
    if (fstatvfs(fd, &fs) != 0)
        return; /* it will tell when it is full */
    int64_t most = INT64_MAX / (int64_t)(fs.f_frsize ? fs.f_frsize : 1);
    int64_t free_bytes = (int64_t)fs.f_bavail < most
                             ? (int64_t)fs.f_bavail * (int64_t)fs.f_frsize
                             : INT64_MAX;
    if (need > free_bytes - space->keep_free - space->promised)
        avqa_net_fail(outcome, AVQA_NET_OURS, "disk-full",
                      "%lld bytes do not fit: %lld are free, %lld of them promised to "
                      "other downloads and %lld kept free",
                      (long long)need, (long long)free_bytes,
                      (long long)space->promised, (long long)space->keep_free);
}

void avqa_space_hold(struct avqa_space *space, int64_t *held, int64_t n)
{
    *held += n;
    space->promised += n;
}

void avqa_space_return(struct avqa_space *space, int64_t *held, int64_t n)
{
    if (n > *held)
        n = *held;
    *held -= n;
    space->promised -= n;
}
