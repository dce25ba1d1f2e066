-- +goose Up
-- What HeyGen answered last to a create whose outcome is not clear.
ALTER TABLE videos ADD COLUMN last_answer text;
