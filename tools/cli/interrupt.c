/* See interrupt.h. The handler has a stack of its own: oneDNN's products of matrices
 * take their work space, which is on the heap, for the thread's stack (dnnl_sgemm on
 * AVX and AVX2), and a signal that came then would be written over the heap in front of
 * it. The kernel gives a signal to the first thread unless that one has another to
 * take. */
#include "cli/interrupt.h"
#include "cli/command.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum {
    STACK_BYTES = 64 << 10, /* registers of AMX alone are 11 KiB */
    SAME_MS = 500,
};

static volatile sig_atomic_t interrupted_by; /* a signal's number, or 0 */

static struct timespec interrupted_at; /* of the handler alone */

/* Whether half a second went by since the first one: before that a second one is the
 * same, sent to the process and to its group, as by timeout(1). */
static bool is_another(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t ms = (int64_t)(now.tv_sec - interrupted_at.tv_sec) * 1000 +
                 (now.tv_nsec - interrupted_at.tv_nsec) / 1000000;
    return ms >= SAME_MS;
}

static void on_interrupt(int number)
{
    if (interrupted_by && is_another()) /* at once; the catalog stands such an end */
        _exit(AVQA_EXIT_SIGNAL + number);
    if (interrupted_by)
        return;
    clock_gettime(CLOCK_MONOTONIC, &interrupted_at);
    interrupted_by = number;
}

void avqa_interrupt_catch(void)
{
    static char bytes[STACK_BYTES];
    const stack_t stack = {.ss_sp = bytes, .ss_size = sizeof bytes};
    struct sigaction action = {.sa_handler = on_interrupt};
    if (sigaltstack(&stack, NULL) == 0)
        action.sa_flags = SA_ONSTACK;
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int avqa_interrupt_number(void)
{
    return (int)interrupted_by;
}
