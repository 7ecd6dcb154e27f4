-- The ledger says what a rerun should do with a failed item, and what a server answered.

ALTER TABLE attempt ADD COLUMN class TEXT
    CHECK (class IN ('transient', 'permanent', 'ours'));  -- NULL unless it failed
ALTER TABLE attempt ADD COLUMN http_status INTEGER;       -- of the last response

-- The same bytes under two names are one file.
CREATE INDEX source_by_sha256 ON source(sha256) WHERE sha256 IS NOT NULL;
