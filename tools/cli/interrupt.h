/* SIGINT and SIGTERM, which ask the program to stop at the next good moment; asked
 * twice it ends at once; within half a second a second one counts as the same. */
#ifndef AVQA_CLI_INTERRUPT_H
#define AVQA_CLI_INTERRUPT_H

/* From the thread that began, before others begin. */
void avqa_interrupt_catch(void);

/* The signal that came, or 0. */
int avqa_interrupt_number(void);

#endif
