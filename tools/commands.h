/* The commands, one file each. */
#ifndef AVQA_TOOLS_COMMANDS_H
#define AVQA_TOOLS_COMMANDS_H

#include "cli/command.h"

extern const struct avqa_command avqa_command_init;
extern const struct avqa_command avqa_command_status;
extern const struct avqa_command avqa_command_import_music_avqa;
extern const struct avqa_command avqa_command_import_jsonl;
extern const struct avqa_command avqa_command_import_videos;
extern const struct avqa_command avqa_command_import_facts;
extern const struct avqa_command avqa_command_import_media;
extern const struct avqa_command avqa_command_import_features;
extern const struct avqa_command avqa_command_fetch;
extern const struct avqa_command avqa_command_export;
extern const struct avqa_command avqa_command_generate;
extern const struct avqa_command avqa_command_split;
extern const struct avqa_command avqa_command_balance;
extern const struct avqa_command avqa_command_audit;
extern const struct avqa_command avqa_command_segment;
extern const struct avqa_command avqa_command_compose_overlay;
extern const struct avqa_command avqa_command_compose_stitch;
extern const struct avqa_command avqa_command_compose_match;
extern const struct avqa_command avqa_command_extract;
extern const struct avqa_command avqa_command_shard_ls;
extern const struct avqa_command avqa_command_shard_verify;
extern const struct avqa_command avqa_command_shard_cat;
extern const struct avqa_command avqa_command_shard_export;
extern const struct avqa_command avqa_command_shard_convert;
extern const struct avqa_command avqa_command_train;
extern const struct avqa_command avqa_command_eval;
extern const struct avqa_command avqa_command_explain;
extern const struct avqa_command avqa_command_weights_inspect;
extern const struct avqa_command avqa_command_weights_convert;
extern const struct avqa_command avqa_command_manual;

#endif
