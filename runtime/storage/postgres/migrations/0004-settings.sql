-- Every version of the settings there was, whole. The highest counts.
CREATE TABLE settings_versions (
    version    integer     NOT NULL PRIMARY KEY CHECK (version > 0),
    value      jsonb       NOT NULL,
    author     text        NOT NULL,
    comment    text        NOT NULL,
    -- When this one was made equal to an older one.
    restores   integer,
    created_at timestamptz NOT NULL
);

-- Sealed.
CREATE TABLE secrets (
    name   text        NOT NULL PRIMARY KEY,
    sealed bytea       NOT NULL,
    set_by text        NOT NULL,
    set_at timestamptz NOT NULL
);
