-- Who may sign in: people with a password or an identity elsewhere, and service accounts with keys alone.
CREATE TABLE users (
    id                   uuid        NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    kind                 text        NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service')),
    login                text        NOT NULL UNIQUE CHECK (login = lower(login) AND login <> ''),
    name                 text        NOT NULL DEFAULT '',
    password_hash        text,
    must_change_password boolean     NOT NULL DEFAULT false,
    -- Sealed; confirmed once a code was given.
    totp_secret          bytea,
    totp_confirmed       boolean     NOT NULL DEFAULT false,
    -- A code counts once.
    totp_last_step       bigint      NOT NULL DEFAULT 0,
    is_disabled          boolean     NOT NULL DEFAULT false,
    created_at           timestamptz NOT NULL DEFAULT now(),
    signed_in_at         timestamptz
);

-- Built-in roles are in the program; these are the ones that were made here.
CREATE TABLE roles (
    name        text        NOT NULL PRIMARY KEY CHECK (name <> ''),
    permissions text[]      NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE user_roles (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role    text NOT NULL,
    PRIMARY KEY (user_id, role)
);

CREATE TABLE sessions (
    id         uuid        NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    address    text        NOT NULL,
    user_agent text        NOT NULL,
    ended_at   timestamptz,
    ended_why  text
);

CREATE INDEX sessions_of_users ON sessions (user_id);

-- SHA-256 of each token. One that was used already and comes again ends the session.
CREATE TABLE refresh_tokens (
    hash       bytea       NOT NULL PRIMARY KEY,
    session_id uuid        NOT NULL REFERENCES sessions ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz
);

CREATE INDEX refresh_tokens_of_sessions ON refresh_tokens (session_id);

-- Of one account, or from one address.
CREATE TABLE sign_in_failures (
    key            text        NOT NULL PRIMARY KEY,
    failures       integer     NOT NULL,
    last_failed_at timestamptz NOT NULL
);

-- Let somebody set a password, once.
CREATE TABLE password_links (
    hash       bytea       NOT NULL PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    created_by text        NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE TABLE signing_keys (
    kid         text        NOT NULL PRIMARY KEY,
    public_jwk  jsonb       NOT NULL,
    -- Sealed.
    private_jwk bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_keys (
    id         uuid        NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    hash       bytea       NOT NULL UNIQUE,
    -- The last characters, to tell keys apart.
    hint       text        NOT NULL,
    name       text        NOT NULL,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    scopes     text[]      NOT NULL,
    created_by text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    used_at    timestamptz,
    revoked_at timestamptz
);

-- Each entry holds the hash of the one before it. Entries are never changed.
CREATE TABLE audit_log (
    sequence bigint      NOT NULL PRIMARY KEY,
    at       timestamptz NOT NULL,
    actor    text        NOT NULL,
    action   text        NOT NULL,
    target   text        NOT NULL,
    outcome  text        NOT NULL CHECK (outcome IN ('done', 'refused')),
    address  text        NOT NULL,
    detail   jsonb       NOT NULL,
    previous bytea       NOT NULL,
    hash     bytea       NOT NULL
);

-- Where the chain ends. Its row is locked while an entry is added.
CREATE TABLE audit_head (
    sequence bigint  NOT NULL,
    hash     bytea   NOT NULL,
    only_one boolean NOT NULL DEFAULT true UNIQUE CHECK (only_one)
);

INSERT INTO audit_head (sequence, hash) VALUES (0, '\x');

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''entries of the audit log are never changed''; END';

CREATE TRIGGER audit_log_is_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
