-- +goose Up
-- An installation's name: mirrored beside what the installation owns, so that
-- two of them never take each other's files, tasks or renders for their own.
-- A UUID of version 4, as Postgres' gen_random_uuid makes it.
INSERT INTO meta (key, value) VALUES ('installation', lower(
    hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
    || substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))));
