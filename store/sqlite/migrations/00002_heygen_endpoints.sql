-- +goose Up
-- HeyGen shows an endpoint's secret once; whoever verifies a delivery reads it here.
CREATE TABLE heygen_endpoints (
    id         TEXT    NOT NULL PRIMARY KEY,
    url        TEXT    NOT NULL,
    secret     TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
