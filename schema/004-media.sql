-- Files behind sources: what tells that one has not changed, and which are the same.

ALTER TABLE source ADD COLUMN mtime_us INTEGER;           -- of the file that was read
CREATE INDEX IF NOT EXISTS source_by_sha256 ON source(sha256) WHERE sha256 IS NOT NULL;
