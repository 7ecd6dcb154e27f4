/* The table of commands; each is a file of its own in this folder. Commands of one
 * group
 * ("import ...") stand together. */
#include "commands.h"

#include <stddef.h>

const struct avqa_command *const avqa_commands[] = {
    &avqa_command_init,
    &avqa_command_status,
    &avqa_command_import_music_avqa,
    &avqa_command_import_jsonl,
    &avqa_command_import_videos,
    &avqa_command_import_facts,
    &avqa_command_import_media,
    &avqa_command_import_features,
    &avqa_command_fetch,
    &avqa_command_segment,
    &avqa_command_compose_overlay,
    &avqa_command_compose_stitch,
    &avqa_command_compose_match,
    &avqa_command_extract,
    &avqa_command_export,
    &avqa_command_shard_ls,
    &avqa_command_shard_verify,
    &avqa_command_shard_cat,
    &avqa_command_shard_export,
    &avqa_command_shard_convert,
    &avqa_command_generate,
    &avqa_command_split,
    &avqa_command_balance,
    &avqa_command_audit,
    &avqa_command_train,
    &avqa_command_eval,
    &avqa_command_explain,
    &avqa_command_weights_inspect,
    &avqa_command_weights_convert,
    &avqa_command_manual,
    NULL,
};

int main(int argc, char **argv)
{
    return avqa_cli_main(argc, (const char *const *)argv);
}
