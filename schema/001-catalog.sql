-- The catalog: what exists, where it came from, what happened to it.
-- Applied once, inside a transaction, by lib/catalog/catalog.c; user_version becomes 1.
-- Times are microseconds; ranges are half-open; names are the data's own.

-- ---- what the catalog says of itself -------------------------------------------------
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row for every command that changed something: enough to do it again.
CREATE TABLE run (
    id         INTEGER PRIMARY KEY,
    command    TEXT NOT NULL,
    options    TEXT NOT NULL,             -- JSON
    version    TEXT NOT NULL,             -- of the program
    seed       INTEGER,
    started_us INTEGER NOT NULL,
    ended_us   INTEGER,
    outcome    TEXT,                      -- done | partly | nothing (changed); NULL while it runs
    counters   TEXT                       -- JSON, as --json prints it
) STRICT;

CREATE TABLE run_input (
    run_id INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    path   TEXT NOT NULL,
    bytes  INTEGER NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;

-- Texts that recur (questions, slots, answers, row shapes), each stored once, verbatim.
CREATE TABLE phrase (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- ---- sources, media, clips -----------------------------------------------------------
-- A source is a video as its site or owner has it.
CREATE TABLE source (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,     -- video id
    url         TEXT,
    path        TEXT,                     -- of the file, once there is one
    bytes       INTEGER,
    sha256      TEXT,
    duration_us INTEGER,
    extra       TEXT                      -- JSON: columns of the manifest we have no name for
) STRICT;

-- A clip is a stretch of a source, or made from other clips. Its media identity is the
-- pair (picture, sound): a clip whose sound was exchanged is another clip.
CREATE TABLE clip (
    id          INTEGER PRIMARY KEY,
    picture     TEXT NOT NULL,            -- video id of what is seen
    sound       TEXT NOT NULL,            -- video id of what is heard; = picture as a rule
    source_id   INTEGER REFERENCES source(id),
    start_us    INTEGER,
    duration_us INTEGER,
    origin      TEXT NOT NULL CHECK (origin IN ('real', 'synthetic')),
    method      TEXT,                     -- how it was made: flip, overlay, stitch, ...
    path        TEXT,
    bytes       INTEGER,
    sha256      TEXT,
    extra       TEXT,                     -- JSON
    run_id      INTEGER NOT NULL REFERENCES run(id),
    UNIQUE (picture, sound)
) STRICT;

-- What a clip was made from, by name: the parent may be unknown here.
CREATE TABLE clip_parent (
    clip_id INTEGER NOT NULL REFERENCES clip(id) ON DELETE CASCADE,
    parent  TEXT NOT NULL,
    role    TEXT NOT NULL,                -- flip | derived | sound | overlay | left | ...
    PRIMARY KEY (clip_id, parent, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX clip_parent_by_parent ON clip_parent(parent);

-- One row per attempt at an item by any stage: the ledger of what failed and why.
CREATE TABLE attempt (
    id         INTEGER PRIMARY KEY,
    run_id     INTEGER NOT NULL REFERENCES run(id),
    stage      TEXT NOT NULL,             -- fetch | segment | compose | extract | ...
    item       TEXT NOT NULL,
    source_id  INTEGER REFERENCES source(id),
    clip_id    INTEGER REFERENCES clip(id),
    started_us INTEGER NOT NULL,
    ended_us   INTEGER,
    outcome    TEXT NOT NULL,             -- done | failed | skipped
    reason     TEXT,                      -- one word, counted
    detail     TEXT,                      -- a sentence
    bytes      INTEGER
) STRICT;
CREATE INDEX attempt_by_item ON attempt(stage, item);

-- ---- facts ---------------------------------------------------------------------------
CREATE TABLE family (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE instrument (
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    family_id INTEGER REFERENCES family(id)
) STRICT;

-- What is known of a clip as a whole. NULL is unknown, never "no".
CREATE TABLE scene (
    clip_id   INTEGER PRIMARY KEY REFERENCES clip(id) ON DELETE CASCADE,
    place     TEXT,                       -- indoor | outdoor
    voiceover TEXT,                       -- JSON list of ranges; [] is none
    origin    TEXT NOT NULL CHECK (origin IN ('studio', 'composed', 'labelled', 'measured')),
    facts     TEXT NOT NULL               -- the JSON object as it came, exported unchanged
) STRICT;

CREATE TABLE instance (
    id            INTEGER PRIMARY KEY,
    clip_id       INTEGER NOT NULL REFERENCES clip(id) ON DELETE CASCADE,
    label         TEXT NOT NULL,          -- the id within the clip
    instrument_id INTEGER NOT NULL REFERENCES instrument(id),
    visible       INTEGER CHECK (visible IN (0, 1)),
    x             REAL,
    box           TEXT,                   -- JSON [x, y, w, h]
    loudness_db   REAL,
    rhythmicity   REAL,
    UNIQUE (clip_id, label)
) STRICT;

CREATE TABLE sounding (
    instance_id INTEGER NOT NULL REFERENCES instance(id) ON DELETE CASCADE,
    start_us    INTEGER NOT NULL,
    end_us      INTEGER NOT NULL CHECK (end_us > start_us),
    PRIMARY KEY (instance_id, start_us)
) STRICT, WITHOUT ROWID;

-- ---- templates and questions ---------------------------------------------------------
CREATE TABLE template_set (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    sha256   TEXT NOT NULL,
    document TEXT NOT NULL                -- the template file, whole
) STRICT;

CREATE TABLE template (
    id       INTEGER PRIMARY KEY,
    set_id   INTEGER NOT NULL REFERENCES template_set(id),
    code     TEXT NOT NULL,               -- A01
    UNIQUE (set_id, code)
) STRICT;

CREATE TABLE split (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- text_id, slots_id, answer_id, shape_id and extra_id are ids of phrase; texts are never
-- deleted, and not declaring five foreign keys makes an import a quarter faster. key_hash is over (number, text, slots): equal for
-- rows that ask the same question under the same published id.
CREATE TABLE question (
    id          INTEGER PRIMARY KEY,
    split_id    INTEGER NOT NULL REFERENCES split(id),
    clip_id     INTEGER NOT NULL REFERENCES clip(id),
    template_id INTEGER NOT NULL REFERENCES template(id),
    text_id     INTEGER NOT NULL,
    slots_id    INTEGER NOT NULL,  -- JSON list
    answer_id   INTEGER NOT NULL,
    number      INTEGER,                  -- published question_id; NULL if it had none
    row         INTEGER NOT NULL,         -- of the imported file, from 1; further files count on
    deleted     INTEGER NOT NULL DEFAULT 0,
    origin      TEXT NOT NULL DEFAULT 'imported',
    shape_id    INTEGER,  -- JSON list: the keys of the row, in order
    extra_id    INTEGER,  -- JSON object: keys we have no name for
    evidence    TEXT,                     -- JSON: instances and time ranges used
    entails     TEXT,                     -- JSON: questions this one gives away
    key_hash    INTEGER NOT NULL,
    run_id      INTEGER NOT NULL REFERENCES run(id)  -- the last one that saw the row
) STRICT;
CREATE INDEX question_by_clip ON question(clip_id, key_hash);

CREATE TABLE vote (
    id          INTEGER PRIMARY KEY,
    question_id INTEGER NOT NULL REFERENCES question(id) ON DELETE CASCADE,
    annotator   TEXT NOT NULL,
    answer      TEXT,                     -- NULL: judged unreasonable
    reason      TEXT,
    watched_us  INTEGER,
    at_us       INTEGER NOT NULL
) STRICT;

-- ---- features ------------------------------------------------------------------------
CREATE TABLE shard (
    id       INTEGER PRIMARY KEY,
    path     TEXT NOT NULL UNIQUE,
    bytes    INTEGER NOT NULL,
    samples  INTEGER NOT NULL,
    sha256   TEXT NOT NULL,
    encoding TEXT NOT NULL,
    run_id   INTEGER NOT NULL REFERENCES run(id)
) STRICT;

CREATE TABLE feature (
    clip_id    INTEGER NOT NULL REFERENCES clip(id),
    encoder    TEXT NOT NULL,
    shard_id   INTEGER NOT NULL REFERENCES shard(id) ON DELETE CASCADE,
    sample     INTEGER NOT NULL,          -- its place in the shard
    n_rows     INTEGER NOT NULL,
    provenance TEXT NOT NULL,             -- JSON: preset, weights, their hash
    PRIMARY KEY (clip_id, encoder)
) STRICT, WITHOUT ROWID;

-- ---- what an audit found -------------------------------------------------------------
CREATE TABLE finding (
    id         INTEGER PRIMARY KEY,
    run_id     INTEGER NOT NULL REFERENCES run(id) ON DELETE CASCADE,
    check_id   TEXT NOT NULL,
    severity   TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'note')),
    message    TEXT NOT NULL,
    n_questions INTEGER NOT NULL,
    n_clips     INTEGER NOT NULL
) STRICT;
CREATE INDEX finding_by_run ON finding(run_id);
