-- What is known of log patterns over time: since when they come, how often, in which bursts. JSON as text; NULL on an installation that
-- has learned templates alone.
ALTER TABLE log_templates ADD COLUMN watch text;
