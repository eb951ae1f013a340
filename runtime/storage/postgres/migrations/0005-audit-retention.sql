-- Up to where the audit log was cut off, and the hash of the last entry that was: the chain goes on from there.
CREATE TABLE audit_cut (
    sequence bigint  NOT NULL,
    hash     bytea   NOT NULL,
    only_one boolean NOT NULL DEFAULT true UNIQUE CHECK (only_one)
);

INSERT INTO audit_cut (sequence, hash) VALUES (0, '\x');

DROP TRIGGER audit_log_is_append_only ON audit_log;

CREATE TRIGGER audit_log_is_append_only
    BEFORE UPDATE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Only what lies before the cut may go.
CREATE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.sequence > (SELECT sequence FROM audit_cut) THEN
        RAISE EXCEPTION 'entries of the audit log are never removed before their time';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER audit_log_is_kept
    BEFORE DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_removal();

-- Cuts off what is older, and answers where, with which hash, and how many entries went. It runs with the rights of the
-- owner, so that nobody else needs the right to remove; never younger than 30 days, and never the newest entry.
CREATE FUNCTION prune_audit_log(older_than timestamptz)
    RETURNS TABLE (cut_sequence bigint, cut_hash bytea, removed bigint)
    LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    first_kept bigint;
BEGIN
    IF older_than > now() - interval '30 days' THEN
        RAISE EXCEPTION 'entries of the audit log are kept for at least 30 days';
    END IF;
    PERFORM 1 FROM audit_head FOR UPDATE;
    SELECT min(l.sequence) INTO first_kept FROM audit_log l WHERE l.at >= older_than;
    IF first_kept IS NULL THEN
        SELECT max(l.sequence) INTO first_kept FROM audit_log l;
    END IF;
    SELECT l.sequence, l.hash INTO cut_sequence, cut_hash FROM audit_log l WHERE l.sequence = first_kept - 1;
    IF cut_sequence IS NULL THEN
        RETURN;
    END IF;
    UPDATE audit_cut SET sequence = cut_sequence, hash = cut_hash;
    DELETE FROM audit_log l WHERE l.sequence <= cut_sequence;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN NEXT;
END
$$;

REVOKE ALL ON FUNCTION prune_audit_log(timestamptz) FROM PUBLIC;

-- What it names are our tables, not some of the caller's.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION prune_audit_log(timestamptz) SET search_path = %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION refuse_removal() SET search_path = %I, pg_temp', current_schema());
END
$$;
