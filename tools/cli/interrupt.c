/* See interrupt.h. The handler has a stack of its own: oneDNN's products of matrices
 * take their work space, which is on the heap, for the thread's stack (dnnl_sgemm on
 * AVX and AVX2), and a signal that came then would be written over the heap in front of
 * it. The kernel gives a signal to the first thread unless that one has another to
 * take. */
#include "cli/interrupt.h"
#include "cli/command.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

enum { STACK_BYTES = 64 << 10 }; /* registers of AMX alone are 11 KiB */

static volatile sig_atomic_t interrupted_by; /* a signal's number, or 0 */

static void on_interrupt(int number)
{
    if (interrupted_by) /* asked twice: at once; the catalog stands such an end */
        _exit(AVQA_EXIT_SIGNAL + number);
    interrupted_by = number;
}

void avqa_interrupt_catch(void)
{
    static char bytes[STACK_BYTES];
    const stack_t stack = {.ss_sp = bytes, .ss_size = sizeof bytes};
    struct sigaction action = {.sa_handler = on_interrupt};
    if (sigaltstack(&stack, NULL) == 0)
        action.sa_flags = SA_ONSTACK;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int avqa_interrupt_number(void)
{
    return (int)interrupted_by;
}
