/* See print.h. */
#include "cli/print.h"

#include <inttypes.h>
#include <stdio.h>

void avqa_print_json(const struct avqa_json *node)
{
    struct avqa_buf text = AVQA_BUF_INIT;
    avqa_json_print(&text, node, 0);
    avqa_buf_addc(&text, '\n');
    fwrite(avqa_buf_str(&text), 1, text.len, stdout);
    avqa_buf_release(&text);
}

void avqa_print_count(int64_t n, const char *what)
{
    if (n)
        printf("%10" PRId64 "  %s\n", n, what);
}
