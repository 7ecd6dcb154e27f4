-- What came of composing a clip, as JSON: the gains as they are, where each parent's
-- picture is, how long the clip became. Its facts follow from this and its parents' facts.
ALTER TABLE clip ADD COLUMN made TEXT;
