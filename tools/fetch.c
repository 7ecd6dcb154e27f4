/* avqa fetch: the sources' files, from where they are. */
#include "commands.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "pipeline/fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct config {
    int64_t connections, per_host, tries, redirects;
    double rate, stall_s, wall_s, max_wait_s, pause_s, backoff_s, resolve_s;
    double limit_rate, keep_free;
    const char *url_template, *retry, *resolver, *ytdlp, *ytdlp_args, *cookies, *proxy,
        *ca_file;
    const char *user_agent, *s3_region, *s3_endpoint;
};

#define AT(field) offsetof(struct config, field)

static const struct avqa_opt opts[] = {
    {"url-template", 0, AVQA_OPT_STRING, AT(url_template), 0, 0, NULL, "URL",
     "where sources without a url are; {id} in it is the video id"},
    {"connections", 0, AVQA_OPT_INT, AT(connections), 1, 256, "16", "N",
     "downloads at the same time"},
    {"per-host", 0, AVQA_OPT_INT, AT(per_host), 1, 256, "4", "N",
     "of these, from one host"},
    {"rate", 0, AVQA_OPT_REAL, AT(rate), 0, 1e6, "0", "N",
     "downloads that may begin in a second at one host; 0 is no limit"},
    {"limit-rate", 0, AVQA_OPT_REAL, AT(limit_rate), 0, 1e6, "0", "MB",
     "megabytes a second of each download; 0 is no limit"},
    {"tries", 0, AVQA_OPT_INT, AT(tries), 1, 100, "4", "N",
     "attempts at a source in this run, if a failure may pass"},
    {"retry", 0, AVQA_OPT_CHOICE, AT(retry), 0, 0, "transient", "transient|permanent",
     "what of earlier runs to try again: what may have passed, or also what was "
     "refused "
     "for good"},
    {"backoff", 0, AVQA_OPT_REAL, AT(backoff_s), 0, 3600, "1", "S",
     "seconds before the second attempt; they double from one to the next"},
    {"pause", 0, AVQA_OPT_REAL, AT(pause_s), 0, 3600, "10", "S",
     "seconds for which a host that keeps failing is left alone; they double too"},
    {"max-wait", 0, AVQA_OPT_REAL, AT(max_wait_s), 0, 86400, "900", "S",
     "a host that asks for a longer wait is given up for this run"},
    {"stall", 0, AVQA_OPT_REAL, AT(stall_s), 1, 86400, "30", "S",
     "seconds below 1 kB/s after which a download is broken off"},
    {"time-limit", 0, AVQA_OPT_REAL, AT(wall_s), 0, 1e6, "7200", "S",
     "seconds a download may take in all; 0 is no limit"},
    {"redirects", 0, AVQA_OPT_INT, AT(redirects), 0, 100, "10", "N",
     "redirects to follow"},
    {"keep-free", 0, AVQA_OPT_REAL, AT(keep_free), 0, 1e9, "256", "MB",
     "megabytes of the disk to leave free"},
    {"resolver", 0, AVQA_OPT_CHOICE, AT(resolver), 0, 0, "yt-dlp", "yt-dlp|none",
     "what finds the video in a page"},
    {"ytdlp", 0, AVQA_OPT_STRING, AT(ytdlp), 0, 0, "yt-dlp", "PROGRAM",
     "the yt-dlp to run"},
    {"ytdlp-args", 0, AVQA_OPT_STRING, AT(ytdlp_args), 0, 0, NULL, "WORDS",
     "more words for yt-dlp, in one argument; paths in them must be absolute"},
    {"resolve-limit", 0, AVQA_OPT_REAL, AT(resolve_s), 1, 86400, "120", "S",
     "seconds after which yt-dlp is killed"},
    {"cookies", 0, AVQA_OPT_STRING, AT(cookies), 0, 0, NULL, "FILE",
     "cookies as browsers export them (Netscape format), also for yt-dlp"},
    {"proxy", 0, AVQA_OPT_STRING, AT(proxy), 0, 0, NULL, "URL",
     "proxy for everything; without it http_proxy and its kin count"},
    {"ca-file", 0, AVQA_OPT_STRING, AT(ca_file), 0, 0, NULL, "FILE",
     "certificates to trust instead of the system's"},
    {"user-agent", 0, AVQA_OPT_STRING, AT(user_agent), 0, 0, "avqa", "TEXT",
     "what to call ourselves"},
    {"s3-region", 0, AVQA_OPT_STRING, AT(s3_region), 0, 0, NULL, "NAME",
     "region of s3:// sources; without it AWS_REGION, or us-east-1"},
    {"s3-endpoint", 0, AVQA_OPT_STRING, AT(s3_endpoint), 0, 0, NULL, "URL",
     "a server that speaks S3, instead of Amazon's"},
};

static int64_t us(double seconds)
{
    return (int64_t)(seconds * 1e6);
}

static const char *or_else(const char *value, const char *other)
{
    return value && *value ? value : other;
}

static struct avqa_fetch_config fetch_config(const struct config *c,
                                             const struct avqa_cli *cli)
{
    struct avqa_fetch_config f = {.dataset = cli->dataset,
                                  .transfer = AVQA_TRANSFER_DEFAULTS,
                                  .governor = AVQA_GOVERNOR_DEFAULTS,
                                  .resolver = AVQA_RESOLVER_DEFAULTS,
                                  .url_template = c->url_template,
                                  .retry_permanent = strcmp(c->retry, "permanent") == 0,
                                  .dry_run = cli->dry_run,
                                  .log = &cli->log};
    f.transfer.stall_us = us(c->stall_s);
    f.transfer.wall_us = us(c->wall_s);
    f.transfer.max_rate = (int64_t)(c->limit_rate * 1e6);
    f.transfer.keep_free = (int64_t)(c->keep_free * 1e6);
    f.transfer.max_redirects = (int)c->redirects;
    f.transfer.user_agent = c->user_agent;
    f.transfer.proxy = c->proxy;
    f.transfer.cookies = c->cookies;
    f.transfer.ca_file = c->ca_file;
    f.transfer.s3_endpoint = c->s3_endpoint;
    f.transfer.s3_region =
        or_else(c->s3_region, or_else(getenv("AWS_REGION"), f.transfer.s3_region));
    f.transfer.s3_key = or_else(getenv("AWS_ACCESS_KEY_ID"), NULL);
    f.transfer.s3_secret = or_else(getenv("AWS_SECRET_ACCESS_KEY"), NULL);
    f.transfer.s3_token = or_else(getenv("AWS_SESSION_TOKEN"), NULL);
    f.governor.max_active = (size_t)c->connections;
    f.governor.max_per_host = (size_t)c->per_host;
    f.governor.rate = c->rate;
    f.governor.tries = (size_t)c->tries;
    f.governor.backoff_us = us(c->backoff_s);
    f.governor.pause_us = us(c->pause_s);
    f.governor.pause_max_us = us(c->max_wait_s);
    f.governor.seed = (uint64_t)cli->seed;
    f.resolver.program = strcmp(c->resolver, "none") == 0 ? NULL : c->ytdlp;
    f.resolver.args = c->ytdlp_args;
    f.resolver.cookies = c->cookies;
    f.resolver.proxy = c->proxy;
    f.resolver.wall_us = us(c->resolve_s);
    f.resolver.environment = environ;
    return f;
}

static void print_counts(const struct avqa_fetch_counts *c, bool dry_run)
{
    if (c->sources == 0)
        printf("no source has a url; import videos with one, or name --url-template\n");
    avqa_print_count(c->present, "{was|were} there before");
    avqa_print_count(
        c->refused,
        "{was|were} refused for good before (--retry permanent tries again)");
    if (dry_run) {
        avqa_print_count(c->pending, "would be fetched");
        printf("dry run: nothing was kept\n");
        return;
    }
    avqa_print_count(c->fetched, "fetched");
    avqa_print_count(c->same,
                     "of these {has|have} the bytes of another source: one file");
    avqa_print_count(c->found, "{was|were} whole in media/ already");
    avqa_print_count(c->failed, "failed");
    for (size_t i = 0; i < c->n_reasons; i++)
        printf("%10s  %8" PRId64 "  %s (%s)\n", "", c->reasons[i].n, c->reasons[i].word,
               avqa_net_class_name(c->reasons[i].class));
    if (c->attempts)
        printf("%.1f MB in %.1f s, %" PRId64 " attempt%s\n", (double)c->bytes / 1e6,
               c->seconds, c->attempts, avqa_text_plural(c->attempts));
}

static enum avqa_exit run(const void *config, const struct avqa_cli *cli)
{
    struct avqa_fetch_config fetch = fetch_config(config, cli);
    struct avqa_fetch_counts counts = {0};
    enum avqa_status rc = avqa_fetch(&fetch, &counts);
    avqa_progress_clear();
    if (cli->json) {
        struct avqa_json *json = avqa_fetch_counts_json(&counts);
        avqa_print_json(json);
        avqa_json_free(json);
    } else if (!cli->quiet && (rc == AVQA_OK || rc == AVQA_ESTOPPED)) {
        print_counts(&counts, cli->dry_run);
    }
    if (rc != AVQA_OK)
        return avqa_cli_failed(cli);
    return counts.failed ? AVQA_EXIT_PARTLY : AVQA_EXIT_DONE;
}

const struct avqa_command avqa_command_fetch = {
    .name = "fetch",
    .summary = "download the sources that are not there yet",
    .details =
        "Takes every source that has a url (import videos) and no file, and downloads "
        "it into media/ under its video id. Urls are http, https, file or s3 (signed "
        "with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY if they are set). A page "
        "goes "
        "to yt-dlp, if that is installed, which names the file in it, or, where "
        "there are only pieces (HLS, DASH) or picture and sound apart, downloads and "
        "joins "
        "them with ffmpeg. Where a manifest has "
        "ids only, as MUSIC-AVQA's, --url-template "
        "'https://www.youtube.com/watch?v={id}' tells the rest.\n\n"
        "A file counts as there when its length, its checksum (columns bytes and "
        "sha256 "
        "of the manifest, if it has them) were checked and its first picture and sound "
        "decode; then it gets its name. Everything else is an attempt with a reason in "
        "the ledger: "
        "transient (may pass), permanent (refused for good) or ours (this disk, these "
        "options). avqa status counts them, avqa export ledger writes them out.\n\n"
        "Running it again does what is missing: what was not tried, what failed for a "
        "transient reason or ours, and files that have gone. Interrupted or killed, it "
        "goes on where it ended; parts are continued only if the server vouches that "
        "the file is the same. The same bytes under two ids are kept once.\n\n"
        "Afterwards avqa import media, without a path, measures what came, for avqa "
        "audit; avqa segment cuts it.\n\n"
        "A host is asked for as much patience as it wants (Retry-After), and left "
        "alone "
        "for a while when it keeps failing; its sources wait and lose nothing.",
    .example = "avqa fetch --connections 32 --per-host 8",
    .opts = opts,
    .n_opts = sizeof opts / sizeof *opts,
    .config_size = sizeof(struct config),
    .traits = AVQA_NEEDS_DATASET | AVQA_WRITES | AVQA_SEEDED | AVQA_LONG,
    .run = run,
};
