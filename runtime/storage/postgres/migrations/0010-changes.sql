-- Deploys, restarts and scalings of services, as their spans told of them.
CREATE TABLE service_changes (
    at      timestamptz NOT NULL,
    service text        NOT NULL,
    kind    text        NOT NULL CHECK (kind IN ('deploy', 'restart', 'scaling')),
    -- The version of a deploy, the instance of the others. JSON, as text: it may be anything that telemetry says.
    name    text        NOT NULL,
    PRIMARY KEY (at, service, kind, name)
);
