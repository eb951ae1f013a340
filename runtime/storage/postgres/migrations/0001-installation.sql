-- This installation, and what is set while it runs.

CREATE TABLE installation (
  id uuid PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO installation (id) VALUES (gen_random_uuid());

CREATE TABLE settings (
  key text PRIMARY KEY,
  value jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
