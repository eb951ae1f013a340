-- What was found to be abnormal, coming, or better done otherwise. `value` is all of it, JSON as text: jsonb refuses some of
-- what telemetry may say. The columns are what is asked for; services are ids.
CREATE TABLE insights (
    id          uuid        NOT NULL PRIMARY KEY,
    kind        text        NOT NULL,
    -- Of info, warning and critical; higher is worse.
    severity    smallint    NOT NULL,
    service     text        NOT NULL,
    services    text[]      NOT NULL,
    started_at  timestamptz NOT NULL,
    detected_at timestamptz NOT NULL,
    -- NULL for as long as it holds.
    ended_at    timestamptz,
    -- JSON, as text: what feedback counts for.
    series_keys text        NOT NULL,
    value       text        NOT NULL
);

CREATE INDEX insights_newest ON insights (detected_at DESC, id DESC);

CREATE INDEX insights_open ON insights (detected_at) WHERE ended_at IS NULL;

CREATE INDEX insights_by_end ON insights (ended_at) WHERE ended_at IS NOT NULL;

-- What people said of them: the last word of each.
CREATE TABLE insight_feedback (
    insight_id uuid        NOT NULL REFERENCES insights ON DELETE CASCADE,
    user_id    uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    verdict    text        NOT NULL CHECK (verdict IN ('useful', 'not-useful')),
    given_at   timestamptz NOT NULL,
    PRIMARY KEY (insight_id, user_id)
);

-- What log lines are made of, as far as it was learned: one row, JSON as text.
CREATE TABLE log_templates (
    is_row boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (is_row),
    value  text    NOT NULL
);
