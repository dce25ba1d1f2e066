-- +goose Up
-- Where the request for a video came from: what its spans hang below (a W3C
-- traceparent), and what its log lines are found by.
ALTER TABLE videos ADD COLUMN traceparent text, ADD COLUMN request_id text;
