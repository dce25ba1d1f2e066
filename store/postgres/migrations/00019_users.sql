-- +goose Up
-- The people who have videos. A key is an e-mail without regard to case, folded by
-- heyq: databases fold differently. The same holds for what a search looks through.
CREATE TABLE users (
    id             uuid        PRIMARY KEY,
    email          text        NOT NULL,
    email_key      text        NOT NULL,
    search         text        NOT NULL,
    role           text        NOT NULL,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    deactivated_at timestamptz,

    CONSTRAINT users_role_known CHECK (role IN ('owner', 'operator', 'manager', 'member', 'viewer'))
);
CREATE UNIQUE INDEX users_email ON users (email_key);

CREATE TABLE profiles (
    user_id    uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    first_name text NOT NULL,
    last_name  text NOT NULL,
    bio        text NOT NULL,
    avatar_url text NOT NULL,
    time_zone  text NOT NULL
);

-- A user's videos, newest first.
CREATE INDEX videos_user ON videos (user_id, id);
