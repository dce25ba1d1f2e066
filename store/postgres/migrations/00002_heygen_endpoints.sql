-- +goose Up
-- HeyGen shows an endpoint's secret once; whoever verifies a delivery reads it here.
CREATE TABLE heygen_endpoints (
    id         text        PRIMARY KEY,
    url        text        NOT NULL,
    secret     text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
