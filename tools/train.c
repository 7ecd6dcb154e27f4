/* avqa train: a model learns the questions of a split. */
#include "commands.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/train.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct config {
    struct avqa_args args;
    struct avqa_train_options options;
    const char *name;
    bool resume;
};

#define OPTION(member) offsetof(struct config, options.member)

static const struct avqa_opt opts[] = {
    {.name = "name",
     .type = AVQA_OPT_STRING,
     .offset = offsetof(struct config, name),
     .unit = "NAME",
     .help =
         "of the run, a plain name and no path, since its folder is runs/NAME in the "
         "dataset; as a rule the model's name"},
    {.name = "resume",
     .type = AVQA_OPT_FLAG,
     .offset = offsetof(struct config, resume),
     .help = "go on with a run that was stopped or killed, with the options it began "
             "with"},
    {.name = "train-split",
     .type = AVQA_OPT_STRING,
     .offset = OPTION(train_split),
     .initial = AVQA_TRAIN_SPLIT,
     .unit = "NAME",
     .help = "questions to learn"},
    {.name = "val-split",
     .type = AVQA_OPT_STRING,
     .offset = OPTION(val_split),
     .initial = AVQA_TRAIN_VAL_SPLIT,
     .unit = "NAME",
     .help =
         "questions that choose the best epoch; with none nothing is validated, and "
         "the last epoch is kept"},
    {.name = "epochs",
     .type = AVQA_OPT_INT,
     .offset = OPTION(epochs),
     .min = AVQA_TRAIN_MIN,
     .max = AVQA_TRAIN_MAX_EPOCHS,
     .initial = AVQA_OPT_TYPED(AVQA_TRAIN_EPOCHS),
     .unit = "N",
     .help = "times that every question is met"},
    {.name = "batch",
     .type = AVQA_OPT_INT,
     .offset = OPTION(batch),
     .min = AVQA_TRAIN_MIN,
     .max = AVQA_TRAIN_MAX_BATCH,
     .initial = AVQA_OPT_TYPED(AVQA_TRAIN_BATCH),
     .unit = "N",
     .help = "questions of a step"},
    {.name = "rate",
     .type = AVQA_OPT_REAL,
     .offset = OPTION(rate),
     .min = AVQA_OPT_ABOVE_ZERO,
     .max = AVQA_TRAIN_MAX_RATE,
     .initial = AVQA_OPT_TYPED(AVQA_TRAIN_RATE),
     .unit = "R",
     .help = "learning rate at the beginning"},
    {.name = "schedule",
     .type = AVQA_OPT_STRING,
     .offset = OPTION(schedule),
     .initial = AVQA_TRAIN_SCHEDULE,
     .unit = "step:N:FACTOR|cosine|constant",
     .help = "how the rate goes on: times FACTOR (above 0, at most 1) every N epochs, "
             "half a wave down to zero, or as it is"},
    {.name = "warm-up",
     .type = AVQA_OPT_REAL,
     .offset = OPTION(warm_up),
     .min = 0,
     .max = AVQA_TRAIN_MAX_EPOCHS,
     .initial = "0",
     .unit = "EPOCHS",
     .help = "over which the rate rises from zero; the schedule comes after it"},
    {.name = "optimiser",
     .type = AVQA_OPT_CHOICE,
     .offset = OPTION(optimiser),
     .initial = AVQA_TRAIN_OPTIMISER,
     .unit = "adam|adamw|sgd",
     .help = "how gradients become better weights"},
    {.name = "weight-decay",
     .type = AVQA_OPT_REAL,
     .offset = OPTION(weight_decay),
     .min = 0,
     .max = AVQA_TRAIN_MAX_DECAY,
     .initial = "0",
     .unit = "W",
     .help = "pull of all weights towards zero"},
    {.name = "momentum",
     .type = AVQA_OPT_REAL,
     .offset = OPTION(momentum),
     .min = 0,
     .max = 0.9999,
     .initial = AVQA_OPT_TYPED(AVQA_TRAIN_MOMENTUM),
     .unit = "M",
     .help = "of sgd"},
    {.name = "clip-norm",
     .type = AVQA_OPT_REAL,
     .offset = OPTION(clip_norm),
     .min = 0,
     .max = AVQA_TRAIN_MAX_CLIP,
     .initial = "0",
     .unit = "N",
     .help = "longest gradient; longer ones are shortened. 0: as they are"},
    {.name = "patience",
     .type = AVQA_OPT_INT,
     .offset = OPTION(patience),
     .min = 0,
     .max = AVQA_TRAIN_MAX_EPOCHS,
     .initial = "0",
     .unit = "EPOCHS",
     .help = "end after so many without a better one; 0: do all"},
    {.name = "stage",
     .type = AVQA_OPT_CHOICE,
     .offset = OPTION(stage),
     .unit = "grounding",
     .help = "of avst: its first stage, which learns whether sound and picture belong "
             "together; the second begins with --init"},
    {.name = "init",
     .type = AVQA_OPT_STRING,
     .offset = OPTION(init),
     .unit = "RUN|FILE",
     .help = "begin with the weights of a run or of a safetensors file, as far as "
             "names agree"},
    {.name = "stride",
     .type = AVQA_OPT_INT,
     .offset = OPTION(stride),
     .min = AVQA_TRAIN_MIN,
     .max = AVQA_TRAIN_MAX_STRIDE,
     .initial = AVQA_OPT_TYPED(AVQA_LOADER_STRIDE),
     .unit = "N",
     .help = "take every N-th second of a clip"},
    {.name = "seconds",
     .type = AVQA_OPT_INT,
     .offset = OPTION(seconds),
     .min = AVQA_TRAIN_MIN,
     .max = AVQA_TRAIN_MAX_SECONDS,
     .initial = AVQA_OPT_TYPED(AVQA_LOADER_SECONDS),
     .unit = "N",
     .help = "seconds of a clip that a model is shown; a clip must have (N - 1) times "
             "the stride, and one"},
    {.name = "negatives",
     .type = AVQA_OPT_CHOICE,
     .offset = OPTION(negatives),
     .initial = AVQA_TRAIN_NEGATIVES,
     .unit = "corpus|batch",
     .help = "seconds of other clips, for models that compare: any of the split, or "
             "those of the batch, which are read anyway"},
    {.name = "visual",
     .type = AVQA_OPT_STRING,
     .offset = OPTION(visual),
     .unit = "NAME",
     .help = "encoder of the pictures; as a rule the only one there is"},
    {.name = "audio",
     .type = AVQA_OPT_STRING,
     .offset = OPTION(audio),
     .unit = "NAME",
     .help = "encoder of the sound; as a rule the only one there is"},
    {.name = "tokens",
     .type = AVQA_OPT_CHOICE,
     .offset = OPTION(tokens),
     .initial = AVQA_TRAIN_TOKENS,
     .unit = "music-avqa|unicode",
     .help = "how questions are cut into words: as published, or as Unicode says"},
    {.name = "vocabulary",
     .type = AVQA_OPT_STRING,
     .offset = OPTION(vocabulary),
     .unit = "FILE",
     .help = "vocabulary.json with words and answers; as a rule those of the training "
             "split, in order of appearance"},
    {.name = "cache-mb",
     .type = AVQA_OPT_INT,
     .offset = OPTION(cache_mb),
     .min = 0,
     .max = AVQA_TRAIN_MAX_CACHE_MB,
     .initial = AVQA_OPT_TYPED(AVQA_LOADER_CACHE_MB),
     .unit = "MB",
     .help = "memory for rows of features that will be needed again"},
    {.name = "save-minutes",
     .type = AVQA_OPT_REAL,
     .offset = OPTION(save_minutes),
     .min = 0,
     .max = AVQA_TRAIN_MAX_SAVE_MINUTES,
     .initial = AVQA_OPT_TYPED(AVQA_TRAIN_SAVE_MINUTES),
     .unit = "M",
     .help = "save the state so often, besides at the end of an epoch; 0: not by time"},
    {.name = "save-steps",
     .type = AVQA_OPT_INT,
     .offset = OPTION(save_steps),
     .min = 0,
     .max = AVQA_TRAIN_MAX_SAVE_STEPS,
     .initial = "0",
     .unit = "N",
     .help = "save the state after so many steps; 0: not by steps"},
};

/* What is said of epochs as they end. */
struct told {
    const struct avqa_cli *cli;
    bool any;
};

static double number(const struct avqa_json *epoch, const char *key)
{
    double x = NAN;
    (void)avqa_json_double(avqa_json_get(epoch, key), &x);
    return x;
}

static void print_epoch(const struct avqa_json *epoch)
{
    double read = number(epoch, "read_seconds");
    double all = read + number(epoch, "step_seconds");
    bool validated = isfinite(number(epoch, "val_accuracy"));
    bool best = validated && avqa_json_true(avqa_json_get(epoch, "best"));
    printf("epoch %.0f: loss %.4f", number(epoch, "epoch"), number(epoch, "loss"));
    if (validated)
        printf(", validation %.2f %%", 100 * number(epoch, "val_accuracy"));
    printf(", %.0f %s/s, %.0f %% waiting for data%s\n", number(epoch, "samples_per_s"),
           isfinite(number(epoch, "loss_qa")) ? "questions" : "clips",
           all > 0 ? 100 * read / all : 0.0, best ? ", the best so far" : "");
}

static enum avqa_status tell_epoch(void *user, const struct avqa_json *epoch,
                                   const struct avqa_json *epochs)
{
    struct told *told = user;
    (void)epochs;
    told->any = true;
    if (told->cli->quiet && !told->cli->json)
        return AVQA_OK;
    avqa_progress_clear();
    if (told->cli->json)
        avqa_print_json(epoch);
    else
        print_epoch(epoch);
    return fflush(stdout) == 0 ? AVQA_OK
                               : avqa_fail(AVQA_EIO, "cannot write to stdout");
}

static void print_end(const struct told *told, const struct avqa_train_result *r)
{
    const struct avqa_run_progress *p = &r->progress;
    const long long n = (long long)p->n_done;
    if (!told->any)
        printf("there was nothing left to do; ");
    if (isfinite(p->best_accuracy))
        printf("the best of %lld epoch%s is %lld, with %.2f %% of the validation "
               "%s: %s\n",
               n, avqa_text_plural(n), (long long)p->best, 100 * p->best_accuracy,
               r->matches_only ? "matches" : "questions", r->folder);
    else
        printf("%lld epoch%s, not validated, so that the last one's weights are "
               "kept: %s\n",
               n, avqa_text_plural(n), r->folder);
}

static enum avqa_status say_how_to_go_on(const struct avqa_train_result *r)
{
    struct avqa_buf message = AVQA_BUF_INIT;
    const char *slash = strrchr(r->folder, '/');
    avqa_buf_adds(&message, avqa_message());
    enum avqa_status rc =
        avqa_fail(AVQA_ESTOPPED, "%s; avqa train --resume --name %s goes on",
                  avqa_buf_str(&message), slash ? slash + 1 : r->folder);
    avqa_buf_release(&message);
    return rc;
}

static void print_plan_json(const struct avqa_train_result *r)
{
    struct avqa_json *out = avqa_json_new_object();
    avqa_json_put_int(out, "questions", r->train.questions);
    avqa_json_put_int(out, "val_questions", r->val.questions);
    avqa_json_put_int(out, "weights", (int64_t)r->n_weights);
    avqa_json_put_int(out, "steps", (int64_t)r->n_steps);
    avqa_print_json(out);
    avqa_json_free(out);
}

static void print_plan(const struct avqa_train_result *r)
{
    const long long n = (long long)r->train.questions;
    const long long steps = (long long)r->n_steps;
    printf("%lld question%s to learn, %lld to validate with, %lld weights, %lld step%s "
           "an epoch\ndry run: nothing was kept\n",
           n, avqa_text_plural(n), (long long)r->val.questions, (long long)r->n_weights,
           steps, avqa_text_plural(steps));
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    const struct config *c = config;
    struct told told = {.cli = cli};
    struct avqa_train_result result = {0};
    struct avqa_train_config train = {.dataset = cli->dataset,
                                      .name = c->name,
                                      .options = c->options,
                                      .resume = c->resume,
                                      .typed = cli->typed,
                                      .n_typed = cli->n_typed,
                                      .dry_run = cli->dry_run,
                                      .n_jobs = (size_t)cli->jobs,
                                      .log = &cli->log,
                                      .epoch = tell_epoch,
                                      .user = &told};
    train.options.seed = cli->seed;
    train.options.model = c->args.n ? c->args.items[0] : NULL;
    if (avqa_train_check(&train) != AVQA_OK) {
        avqa_cli_failed(cli);
        return AVQA_EXIT_USAGE;
    }
    enum avqa_status rc = avqa_train(&train, &result);
    avqa_progress_clear();
    if (rc == AVQA_OK && cli->dry_run && cli->json)
        print_plan_json(&result);
    else if (rc == AVQA_OK && cli->dry_run && !cli->quiet)
        print_plan(&result);
    else if (rc == AVQA_OK && !cli->json && !cli->quiet)
        print_end(&told, &result);
    if (rc == AVQA_ESTOPPED)
        rc = say_how_to_go_on(&result);
    avqa_train_result_release(&result);
    return rc == AVQA_OK ? AVQA_EXIT_DONE : avqa_cli_failed(cli);
}

const struct avqa_command avqa_command_train = {
    .name = "train",
    .summary = "let a model learn the questions of a split",
    .details =
        "MODEL is avst (Li et al., CVPR 2022), avst-grounding, which is its first "
        "stage (as avst --stage grounding), avst-baseline, or one of the paper's "
        "ablations q, a+q, v+q, av+q, av+q+tg. Defaults are those of the published "
        "code. Features come from shards (avqa extract, avqa import features); q needs "
        "none. Clips without them are left out, saying how many.\n\n"
        "runs/NAME has the weights that did best on the validation split, those of the "
        "last epoch, the vocabulary, what was told of each epoch, curves, and "
        "everything to do it again (docs/runs.md). With --val-split none nothing "
        "chooses "
        "an epoch, and both files have the last one's weights. With --json each epoch "
        "is a line: losses, accuracy, and seconds that went into reading and "
        "computing; a dry run prints one of questions, val_questions, weights, and "
        "steps of an epoch.\n\n"
        "The state is saved after each epoch, every few minutes, and when the run is "
        "asked to stop; --resume goes on from there with the numbers the run would "
        "have had. It takes the options that the run began with; --epochs, --patience, "
        "--cache-mb and --save-... may be others. A run does not go on if its "
        "questions, vocabulary or features became others.\n\n"
        "avst has two stages: avqa train avst --stage grounding, then avqa train avst "
        "--init avst-grounding. The first one asks no questions: an epoch goes over "
        "the "
        "split's clips, each once, and learns of each second whether its sound belongs "
        "to its picture or to that of another clip; validation counts right matches. "
        "What it learnt (14 tensors: what sound, picture and their matching go "
        "through) "
        "is carried over by name, all else begins anew. The same seed gives the same "
        "numbers on the same kind "
        "of processor, with any number of threads.",
    .example = "avqa train avst --name first --epochs 30",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .arg = "MODEL",
    .arg_help = "which model; with --resume --name it may be left out",
    .max_args = 1,
    .config_size = sizeof(struct config),
    .args_offset = offsetof(struct config, args),
    .traits =
        AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_LONG | AVQA_PARALLEL | AVQA_SEEDED,
    .run = run,
};
