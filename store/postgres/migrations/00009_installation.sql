-- +goose Up
-- An installation's name: mirrored beside what the installation owns, so that
-- two of them never take each other's files, tasks or renders for their own.
INSERT INTO meta (key, value) VALUES ('installation', gen_random_uuid()::text);
