-- How the features of a clip were made, as JSON: made again only when this differs. NULL
-- where they were imported.
ALTER TABLE feature ADD COLUMN recipe TEXT;

-- Why a clip has no features of an encoder: its file was decoded and gave none. Not tried
-- again until the recipe differs.
CREATE TABLE featureless (
    clip_id INTEGER NOT NULL REFERENCES clip(id) ON DELETE CASCADE,
    encoder TEXT NOT NULL,
    recipe  TEXT NOT NULL,
    reason  TEXT NOT NULL,                -- one word, as in attempt
    detail  TEXT NOT NULL,
    PRIMARY KEY (clip_id, encoder)
) STRICT, WITHOUT ROWID;

-- Whether a shard still has features is asked each time one is written.
CREATE INDEX feature_by_shard ON feature(shard_id);
