-- One row: what tells this installation from any other.
CREATE TABLE installation (
    id         uuid        NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now(),
    only_one   boolean     NOT NULL DEFAULT true UNIQUE CHECK (only_one)
);

INSERT INTO installation DEFAULT VALUES;

CREATE TABLE settings (
    key        text        NOT NULL PRIMARY KEY,
    value      jsonb       NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
