-- Files behind sources: what tells that one has not changed, and which are the same.

ALTER TABLE source ADD COLUMN mtime_us INTEGER;           -- of the file that was read
CREATE INDEX IF NOT EXISTS source_by_sha256 ON source(sha256) WHERE sha256 IS NOT NULL;

-- What was measured of a source's file while it was decoded: a letter a second, so that
-- any stretch of it can be judged. picture: b black, f frozen (as the second before it),
-- - nothing, . anything else; sound: s silent, c clipped, . anything else.
CREATE TABLE measure (
    source_id  INTEGER PRIMARY KEY REFERENCES source(id) ON DELETE CASCADE,
    sha256     TEXT NOT NULL,             -- of the file that was measured
    outcome    TEXT NOT NULL,             -- ok | no-audio | damaged | ...
    detail     TEXT NOT NULL,             -- a sentence; '' if ok
    picture_us INTEGER,                   -- when the last picture ends; NULL without any
    sound_us   INTEGER,
    picture    TEXT NOT NULL,
    sound      TEXT NOT NULL,
    picture_print TEXT NOT NULL,          -- fingerprints: 16 hex digits a second
    sound_print   TEXT NOT NULL           -- Chromaprint, 8 hex digits an item
) STRICT;
