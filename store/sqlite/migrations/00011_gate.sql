-- +goose Up
-- What the gate remembers: of the refusals that came last, and, while it is
-- stopped, what opens it and which video was let through to try.
ALTER TABLE admission ADD COLUMN streak    TEXT    NOT NULL DEFAULT '{}';
ALTER TABLE admission ADD COLUMN closed_at INTEGER;
ALTER TABLE admission ADD COLUMN proof     TEXT    NOT NULL DEFAULT 'send' CHECK (proof IN ('send', 'answer', 'render'));
ALTER TABLE admission ADD COLUMN probe     TEXT;
ALTER TABLE admission ADD COLUMN probe_at  INTEGER;
ALTER TABLE admission ADD COLUMN probes    INTEGER NOT NULL DEFAULT 0;
