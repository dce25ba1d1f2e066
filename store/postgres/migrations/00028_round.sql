-- +goose Up
-- The number of the last round of alerts has the name that the program gives it.
ALTER TABLE watch RENAME COLUMN look TO round;
