-- +goose Up
-- Videos that have ended are listed and counted by their state; of those that have
-- not there are few, and the other two indexes know them. The dispatcher's
-- statements, which name no such list of states, cannot be misled by it.
CREATE INDEX videos_ended_as ON videos (state, id) WHERE state IN ('completed', 'failed', 'cancelled');
