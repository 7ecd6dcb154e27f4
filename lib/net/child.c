/* See child.h. */
#include "net/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the program stands: a relative path is one from here, not from `folder`. */
static int spawn(struct avqa_child *c, char *const *argv, char *const *environment,
                 const char *folder, const int fds[2])
{
    static char *const none[] = {NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigset_t mask;
    char *program = strchr(argv[0], '/') ? realpath(argv[0], NULL) : NULL;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    sigemptyset(&mask);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, fds[0], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, fds[1], STDERR_FILENO);
    if (folder)
        posix_spawn_file_actions_addchdir_np(&files, folder);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                              POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETSIGMASK);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &mask);
    int code = posix_spawnp(&c->pid, program ? program : argv[0], &files, &attributes,
                            argv, environment ? environment : none);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    free(program);
    if (code != 0)
        c->pid = 0;
    return code;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int avqa_child_start(struct avqa_child *c, char *const *argv, char *const *environment,
                     const char *folder)
{
    int out[2] = {-1, -1};
    int err[2] = {-1, -1};
    int code = 0;
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        code = errno;
    if (code == 0)
        code = spawn(c, argv, environment, folder, (const int[]){out[1], err[1]});
    close_fd(&out[1]);
    close_fd(&err[1]);
    c->fds[0] = out[0];
    c->fds[1] = err[0];
    for (int i = 0; i < 2; i++) {
        if (code != 0)
            close_fd(&c->fds[i]);
        else
            fcntl(c->fds[i], F_SETFL, O_NONBLOCK);
    }
    return code;
}

/* Reads until there is nothing more for now. */
static void drain(struct avqa_child *c, int i)
{
    char chunk[16 << 10];
    while (c->fds[i] >= 0) {
        ssize_t n = read(c->fds[i], chunk, sizeof chunk);
        if (n > 0)
            avqa_buf_add(&c->texts[i], chunk, (size_t)n);
        else if (n < 0 && errno == EINTR)
            continue;
        else if (n < 0 && errno == EAGAIN)
            return;
        else
            close_fd(&c->fds[i]);
    }
}

bool avqa_child_poll(struct avqa_child *c, int *code)
{
    int status = 0;
    drain(c, 0);
    drain(c, 1);
    if (c->pid && waitpid(c->pid, &status, WNOHANG) == 0)
        return false;
    drain(c, 0);
    drain(c, 1);
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    if (c->pid)
        kill(-c->pid, SIGKILL); /* what it started and left */
    c->pid = 0;
    return true;
}

void avqa_child_end(struct avqa_child *c)
{
    int status;
    if (c->pid) {
        kill(-c->pid, SIGKILL);
        waitpid(c->pid, &status, 0);
    }
    c->pid = 0;
    close_fd(&c->fds[0]);
    close_fd(&c->fds[1]);
    avqa_buf_release(&c->texts[0]);
    avqa_buf_release(&c->texts[1]);
}
