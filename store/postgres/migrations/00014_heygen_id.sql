-- +goose Up
-- A render that is adopted must not be that of another video. Those at work are few;
-- of the others this finds it. A row enters when it is at work no more, with the update
-- that touches other indexes anyway.
CREATE INDEX videos_heygen_id ON videos (heygen_id) WHERE heygen_id IS NOT NULL AND NOT active;
