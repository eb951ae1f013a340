-- Services that what a role lets one read is for: a list of matchers. NULL: all.
ALTER TABLE roles ADD COLUMN services jsonb;
