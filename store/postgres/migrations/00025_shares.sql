-- +goose Up
-- Which videos are shown to whom, beside each user's own. The key is the range of a
-- user's list; the index is the way of a video that is removed.
CREATE TABLE shares (
    user_id  uuid        NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    video_id uuid        NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    at       timestamptz NOT NULL,
    PRIMARY KEY (user_id, video_id)
);
CREATE INDEX shares_video ON shares (video_id);
