-- Facts as they are imported: what may be unknown may be null, and each row says which
-- run stored it. No program before this version wrote to the two tables made anew.

ALTER TABLE scene ADD COLUMN duration_us INTEGER;  -- as the facts say
ALTER TABLE scene ADD COLUMN n_instances INTEGER;  -- NULL: nobody knows who plays
ALTER TABLE scene ADD COLUMN run_id INTEGER REFERENCES run(id);  -- last one that saw it

DROP TABLE sounding;
DROP TABLE instance;

CREATE TABLE instance (
    id            INTEGER PRIMARY KEY,    -- ascending in the order of the object
    clip_id       INTEGER NOT NULL REFERENCES clip(id) ON DELETE CASCADE,
    label         TEXT NOT NULL,          -- the id within the clip
    instrument_id INTEGER REFERENCES instrument(id),
    visible       INTEGER CHECK (visible IN (0, 1)),
    x             REAL,
    box           TEXT,                   -- JSON [x, y, w, h]
    sounds        INTEGER CHECK (sounds IN (0, 1)),  -- 0: known to have no sounding row
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
