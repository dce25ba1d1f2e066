-- +goose Up
-- A file that was lost is fetched again: its video completes twice, and its receivers
-- know of the first time, unless they were told meanwhile that it had failed.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION notify_of_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'completed' AND NEW.completed_at = OLD.completed_at AND coalesce((
        SELECT n.event FROM notifications n WHERE n.video_id = NEW.id ORDER BY n.created_at DESC, n.id DESC LIMIT 1), 'video.completed') = 'video.completed'
    THEN
        RETURN NULL;
    END IF;
    INSERT INTO notifications (video_id, event, url, failure, file)
    VALUES (NEW.id, 'video.' || NEW.state, NEW.notify_url, NEW.failure, NEW.file);
    RETURN NULL;
END
$$;
-- +goose StatementEnd
