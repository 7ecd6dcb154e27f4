/* See print.h. */
#include "cli/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void avqa_print_json(const struct avqa_json *node)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_json_print(&text, node, 0);
    avqa_buf_addc(&text, '\n');
    fwrite(avqa_buf_str(&text), 1, text.len, stdout);
    avqa_buf_release(&text);
}

void avqa_print_counted(int64_t n, const char *what)
{
    for (const char *s = what; *s;) {
        const char *bar = *s == '{' ? strchr(s, '|') : NULL;
        const char *end = bar ? strchr(bar, '}') : NULL;
        if (end) {
            const char *from = n == 1 ? s + 1 : bar + 1;
            printf("%.*s", (int)((n == 1 ? bar : end) - from), from);
        } else {
            putchar(*s);
        }
        s = end ? end + 1 : s + 1;
    }
}

void avqa_print_count(int64_t n, const char *what)
{
    if (n == 0)
        return;
    printf("%10" PRId64 "  ", n);
    avqa_print_counted(n, what);
    putchar('\n');
}
