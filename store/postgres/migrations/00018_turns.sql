-- +goose Up
-- Those who own videos take turns: one's ten thousand do not delay another's one.
-- What is usual of a user has no row in turns: a weight of 1, and as many slots as
-- there are. A weight is kept in hundredths.
CREATE TABLE turns (
    user_id text PRIMARY KEY,
    weight  integer NOT NULL,
    slots   integer,

    CONSTRAINT turns_weight_is_positive CHECK (weight > 0),
    CONSTRAINT turns_slots_are_positive CHECK (slots > 0)
);

-- When, in virtual time, a user's last video of a priority was given a slot.
CREATE TABLE turns_taken (
    priority smallint NOT NULL,
    user_id  text NOT NULL,
    start    bigint NOT NULL,

    PRIMARY KEY (priority, user_id)
);
CREATE INDEX turns_taken_start ON turns_taken (priority, start);

-- What waits stands in a line for each user and priority, by the time from which it waits.
DROP INDEX videos_waiting;
CREATE INDEX videos_waiting ON videos (priority DESC, user_id DESC, not_before, id) WHERE waiting;
