-- +goose Up
-- A file that was lost is fetched again: its video completes twice, and its receivers
-- know of the first time, unless they were told meanwhile that it had failed.
DROP TRIGGER videos_ended;

-- +goose StatementBegin
CREATE TRIGGER videos_ended AFTER UPDATE OF state ON videos
WHEN NEW.notify_url <> '' AND NEW.state <> OLD.state AND NEW.state IN ('completed', 'failed', 'cancelled')
BEGIN
    INSERT INTO notifications (id, video_id, event, url, created_at, due_at, expires_at, failure, file)
    SELECT printf('%08x-%04x-7%03x-%04x-%012x', at / 1000 >> 16, at / 1000 & 0xffff,
                  random() & 0xfff, random() & 0x3fff | 0x8000, random() & 0xffffffffffff),
           NEW.id, 'video.' || NEW.state, NEW.notify_url, at, at, at + 86400000000, NEW.failure, NEW.file
      FROM (SELECT NEW.timeline ->> '$[#-1].at' AS at)
     WHERE NEW.state <> 'completed' OR NEW.completed_at IS NOT OLD.completed_at OR coalesce((
           SELECT n.event FROM notifications n WHERE n.video_id = NEW.id ORDER BY n.created_at DESC, n.id DESC LIMIT 1), 'video.completed') <> 'video.completed';
END;
-- +goose StatementEnd
