-- What a generated question stands on besides its evidence; ids of phrase, NULL for a
-- question that came without.

ALTER TABLE question ADD COLUMN program_id INTEGER;     -- version of its answer program
ALTER TABLE question ADD COLUMN neighbours_id INTEGER;  -- JSON: refused fillings by reason
