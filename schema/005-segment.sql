-- How a clip's file was cut, as JSON: cut again only when this differs.
ALTER TABLE clip ADD COLUMN recipe TEXT;
