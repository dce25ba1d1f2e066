-- +goose Up
-- What the gate remembers: of the refusals that came last, and, while it is
-- stopped, what opens it and which video was let through to try.
ALTER TABLE admission
    ADD COLUMN streak    jsonb       NOT NULL DEFAULT '{}',
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN proof     text        NOT NULL DEFAULT 'send',
    ADD COLUMN probe     uuid,
    ADD COLUMN probe_at  timestamptz,
    ADD COLUMN probes    integer     NOT NULL DEFAULT 0,
    ADD CONSTRAINT admission_proof_known CHECK (proof IN ('send', 'answer', 'render'));
