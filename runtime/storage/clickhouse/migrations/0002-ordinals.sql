-- Which item of its segment and table a row is, in the order they came. Readers that turn pages tell by segment and ordinal
-- what had arrived when they began, and one row from another.
ALTER TABLE spans ADD COLUMN IF NOT EXISTS ordinal UInt32 CODEC(Delta, LZ4) AFTER day;
ALTER TABLE logs ADD COLUMN IF NOT EXISTS ordinal UInt32 CODEC(Delta, LZ4) AFTER day;
