/* See train_say.h. */
#include "pipeline/train_say.h"
#include "base/buf.h"
#include "base/text.h"

void avqa_train_say_left_out(const char *split, const struct avqa_train_set_counts *c,
                             size_t length, bool matches_only,
                             const struct avqa_log *log)
{
    if (c->no_features)
        avqa_log_write(
            log, AVQA_LOG_WARNING,
            "split '%s': %lld question%s left out, whose %lld clip%s features "
            "or rows of them (the first is %s)",
            split, (long long)c->no_features, c->no_features == 1 ? " is" : "s are",
            (long long)c->clips_without, c->clips_without == 1 ? " lacks" : "s lack",
            c->first_without);
    if (matches_only) /* no question is asked */
        return;
    if (c->unknown_answers)
        avqa_log_write(log, AVQA_LOG_WARNING,
                       "split '%s': %lld question%s an answer that is not in the "
                       "vocabulary: always wrong, and no part of a loss",
                       split, (long long)c->unknown_answers,
                       c->unknown_answers == 1 ? " has" : "s have");
    if (c->cut)
        avqa_log_write(
            log, AVQA_LOG_WARNING,
            "split '%s': of %lld question%s the end is cut, being longer than "
            "%zu words",
            split, (long long)c->cut, avqa_text_plural(c->cut), length);
    if (c->unknown_words)
        avqa_log_write(log, AVQA_LOG_WARNING,
                       "split '%s': %lld question%s words that are not in the "
                       "vocabulary (the first is '%s')",
                       split, (long long)c->unknown_words,
                       c->unknown_words == 1 ? " has" : "s have",
                       c->first_unknown_word);
}

/* "27 questions about 9 clips", or the clips alone where they are what is learnt. */
static void add_set(struct avqa_buf *out, const struct avqa_train_start *s,
                    const struct avqa_train_set *set, const char *split)
{
    const long long n = (long long)set->n_questions;
    const long long n_clips = (long long)set->n_clips;
    if (!s->model->matches_only)
        avqa_buf_addf(out, "%lld question%s about ", n, avqa_text_plural(n));
    avqa_buf_addf(out, "%lld clip%s of '%s'", n_clips, avqa_text_plural(n_clips),
                  split);
}

void avqa_train_say_start(const struct avqa_train_start *s, const struct avqa_log *log)
{
    const struct avqa_train_options *o = s->options;
    struct avqa_buf line = AVQA_BUF_INIT;
    if (s->goes_on && s->progress->n_done >= o->epochs)
        return;
    avqa_buf_addf(&line, "%s learns ", s->model->name);
    add_set(&line, s, s->train, o->train_split);
    avqa_buf_adds(&line, s->val ? ", validated with " : ", not validated");
    if (s->val)
        add_set(&line, s, s->val, o->val_split);
    avqa_buf_addf(&line, "; %lld epoch%s of %lld step%s", (long long)o->epochs,
                  avqa_text_plural(o->epochs), (long long)s->n_steps,
                  avqa_text_plural(s->n_steps));
    if (s->goes_on)
        avqa_buf_addf(&line, ", %lld done", (long long)s->progress->n_done);
    avqa_log_write(log, AVQA_LOG_INFO, "%s; into %s", avqa_buf_str(&line), s->folder);
    avqa_buf_release(&line);
}
