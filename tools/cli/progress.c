/* There is one terminal, so the line's state is this file's. */
#include "cli/progress.h"
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_US = 200000, JSON_US = 1000000 };

static struct {
    int64_t started_us, shown_us;
    int64_t before; /* was done before this program began */
    bool on_screen;
    char note[256];
} state;

/* 1234567 -> "1.2 M" */
static const char *short_number(char *text, size_t size, double v)
{
    static const char *const units[] = {"", " k", " M", " G", " T"};
    size_t u = 0;
    while (v >= 1000 && u + 1 < sizeof units / sizeof *units) {
        v /= 1000;
        u++;
    }
    snprintf(text, size, u ? "%.1f%s" : "%.0f%s", v, units[u]);
    return text;
}

static void show_line(const char *what, int64_t done, int64_t total, double seconds)
{
    char a[32];
    char b[32];
    double rate = seconds > 0 ? (double)(done - state.before) / seconds : 0;
    fprintf(stderr, "\r\033[K%s %s", short_number(a, sizeof a, (double)done), what);
    if (total > 0 && rate > 0) {
        int64_t left = (int64_t)((double)(total - done) / rate);
        fprintf(stderr, " of %s, %.0f %%, %02" PRId64 ":%02" PRId64 " left",
                short_number(b, sizeof b, (double)total),
                100.0 * (double)done / (double)total, left / 60, left % 60);
    }
    fprintf(stderr, " (%s/s)%s%s", short_number(b, sizeof b, rate),
            *state.note ? "; " : "", state.note);
    fflush(stderr);
    state.on_screen = true;
}

static void show_json(const char *what, int64_t done, int64_t total, double seconds)
{
    fprintf(stderr,
            "{\"what\": \"%s\", \"done\": %" PRId64 ", \"total\": %" PRId64
            ", \"seconds\": %.1f%s%s%s}\n",
            what, done, total, seconds, *state.note ? ", \"note\": \"" : "", state.note,
            *state.note ? "\"" : "");
}

void avqa_progress_show(const struct avqa_cli *cli, const char *what, int64_t done,
                        int64_t total)
{
    int64_t now = avqa_clock_monotonic_us();
    bool json = cli->progress && strcmp(cli->progress, "json") == 0;
    bool none = cli->quiet || (cli->progress && strcmp(cli->progress, "none") == 0);
    if (state.started_us == 0) {
        state.started_us = state.shown_us = now;
        state.before = done;
    }
    if (none || (!json && !isatty(STDERR_FILENO)))
        return;
    if (now - state.shown_us < (json ? JSON_US : LINE_US))
        return;
    state.shown_us = now;
    double seconds = (double)(now - state.started_us) / 1e6;
    if (json)
        show_json(what, done, total, seconds);
    else
        show_line(what, done, total, seconds);
}

void avqa_progress_note(const char *text)
{
    snprintf(state.note, sizeof state.note, "%s", text);
}

void avqa_progress_clear(void)
{
    if (state.on_screen)
        fprintf(stderr, "\r\033[K");
    state.on_screen = false;
}
