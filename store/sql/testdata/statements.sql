-- accept, in Postgres (id)
UPDATE videos SET
state = 'completed', failure = NULL, completed_at = coalesce(completed_at, now()), timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'completed', 'at', now())) WHERE id = $1 RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos SET
state = 'completed', failure = NULL, completed_at = coalesce(completed_at, @now), timeline = json_insert(timeline, '$[#]', json_object('state', 'completed', 'at', @now)) WHERE id = @id RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')

-- add up analyses, in Postgres (ids)
INSERT INTO daily_totals AS d (day, user_id, template, videos, duration, bytes, price, render_time)
SELECT (completed_at AT TIME ZONE 'UTC')::date, user_id, template, count(*), sum(duration), sum(bytes), sum(price), sum(render_time)
FROM video_analytics WHERE video_id = ANY ($1)
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (day, user_id, template) DO UPDATE
SET videos = d.videos + excluded.videos, duration = d.duration + excluded.duration, bytes = d.bytes + excluded.bytes,
price = d.price + excluded.price, render_time = d.render_time + excluded.render_time
-- in SQLite
INSERT INTO daily_totals AS d (day, user_id, template, videos, duration, bytes, price, render_time)
SELECT date(completed_at / 1000000, 'unixepoch'), user_id, template, count(*), sum(duration), sum(bytes), sum(price), sum(render_time)
FROM video_analytics WHERE video_id IN (SELECT value FROM json_each(@ids))
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (day, user_id, template) DO UPDATE
SET videos = d.videos + excluded.videos, duration = d.duration + excluded.duration, bytes = d.bytes + excluded.bytes,
price = d.price + excluded.price, render_time = d.render_time + excluded.render_time

-- admit a probe, in Postgres (slots, redispatch)
WITH chosen AS MATERIALIZED (
WITH RECURSIVE room (n) AS MATERIALIZED (SELECT CASE WHEN EXISTS (SELECT 1 FROM admission a
WHERE state = 'stopped' AND coalesce(probe_at <= now(), true)
AND NOT EXISTS (SELECT 1 FROM videos p WHERE p.id = a.probe AND (p.state = 'queued' AND p.slot OR p.state = 'submitting' AND p.refusal IS NULL OR p.state = 'rendering' AND a.proof = 'render'))) THEN least(1, greatest(0, CAST($1 AS bigint) - (
SELECT count(*) FILTER (WHERE NOT (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= now() - 180000000 * interval '1 us'))) + least(count(*) FILTER (WHERE (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= now() - 180000000 * interval '1 us'))), greatest(1, CAST($1 AS bigint) / 2))
FROM videos WHERE slot AND active))) ELSE 0 END),
suspect (template) AS MATERIALIZED (
SELECT coalesce(request ->> 'template_id', '') FROM videos
WHERE slot AND active AND state = 'submitting' AND (refusal IS NOT NULL OR attempt > 0)
GROUP BY 1 HAVING count(*) >= 3),
held (user_id, n) AS MATERIALIZED (SELECT coalesce(user_id, ''), count(*) FROM videos WHERE slot AND active AND EXISTS (SELECT 1 FROM turns WHERE slots > 0) GROUP BY 1),
line (id) AS (
SELECT (SELECT id FROM videos WHERE waiting AND true ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1) FROM room WHERE n > 0
UNION ALL
SELECT coalesce((SELECT id FROM videos WHERE waiting AND priority = v.priority AND user_id < v.user_id ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1),
(SELECT id FROM videos WHERE waiting AND priority < v.priority ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1))
FROM line JOIN videos v ON v.id = line.id),
turn (priority, user_id, most, length, start) AS MATERIALIZED (
SELECT v.priority, v.user_id, t.slots - coalesce(held.n, 0), (100000000 / coalesce(t.weight, 100)), greatest(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + (100000000 / coalesce(t.weight, 100)), 0))
FROM line JOIN videos v ON v.id = line.id LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id LEFT JOIN held ON held.user_id = v.user_id
WHERE coalesce(t.slots > coalesce(held.n, 0), true) AND EXISTS (SELECT 1 FROM videos w WHERE w.priority = v.priority AND w.user_id = v.user_id AND waiting AND not_before <= now() AND due_at <= now() AND true)
ORDER BY 1 DESC, 5 LIMIT (SELECT n + 100 FROM room)),
one (priority, user_id) AS MATERIALIZED (SELECT priority, user_id FROM turn ORDER BY random() LIMIT 1)
SELECT id, priority, user_id FROM videos
WHERE waiting
AND id = (SELECT w.id FROM one JOIN videos w ON w.priority = one.priority AND w.user_id = one.user_id AND waiting AND not_before <= now() AND due_at <= now() AND true ORDER BY w.not_before, w.id
LIMIT 1 OFFSET (SELECT floor(random() * count(*)) FROM (SELECT 1 FROM one JOIN videos w ON w.priority = one.priority AND w.user_id = one.user_id AND waiting AND not_before <= now() AND due_at <= now() AND true LIMIT 1000) AS few))
FOR UPDATE SKIP LOCKED), charged AS (
INSERT INTO turns_taken (priority, user_id, start)
SELECT v.priority, v.user_id, greatest(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + (100000000 / coalesce(t.weight, 100)), 0)) + (100000000 / coalesce(t.weight, 100)) * (v.n - 1)
FROM (SELECT priority, user_id, count(*) AS n FROM chosen GROUP BY priority, user_id) AS v LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id
WHERE true
ON CONFLICT (priority, user_id) DO UPDATE SET start = excluded.start)
UPDATE videos SET slot = true, claim = claim + 1, due_at = now() + $2 * interval '1 us' WHERE id = ANY (ARRAY(SELECT id FROM chosen))
RETURNING id, claim, coalesce(traceparent, '')
-- in SQLite
UPDATE videos SET slot = true, claim = claim + 1, due_at = @now + @redispatch WHERE id IN (SELECT id FROM (
WITH RECURSIVE room (n) AS MATERIALIZED (SELECT CASE WHEN EXISTS (SELECT 1 FROM admission a
WHERE state = 'stopped' AND coalesce(probe_at <= @now, true)
AND NOT EXISTS (SELECT 1 FROM videos p WHERE p.id = a.probe AND (p.state = 'queued' AND p.slot OR p.state = 'submitting' AND p.refusal IS NULL OR p.state = 'rendering' AND a.proof = 'render'))) THEN min(1, max(0, CAST(@slots AS bigint) - (
SELECT count(*) FILTER (WHERE NOT (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= @now - 180000000))) + min(count(*) FILTER (WHERE (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= @now - 180000000))), max(1, CAST(@slots AS bigint) / 2))
FROM videos WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued'))))) ELSE 0 END),
suspect (template) AS MATERIALIZED (
SELECT coalesce(request ->> '$.template_id', '') FROM videos
WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND state = 'submitting' AND (refusal IS NOT NULL OR attempt > 0)
GROUP BY 1 HAVING count(*) >= 3),
held (user_id, n) AS MATERIALIZED (SELECT coalesce(user_id, ''), count(*) FROM videos WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND EXISTS (SELECT 1 FROM turns WHERE slots > 0) GROUP BY 1),
line (id) AS (
SELECT (SELECT id FROM videos WHERE state = 'queued' AND NOT slot AND true ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1) FROM room WHERE n > 0
UNION ALL
SELECT coalesce((SELECT id FROM videos WHERE state = 'queued' AND NOT slot AND priority = v.priority AND user_id < v.user_id ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1),
(SELECT id FROM videos WHERE state = 'queued' AND NOT slot AND priority < v.priority ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1))
FROM line CROSS JOIN videos v ON v.id = line.id),
turn (priority, user_id, most, length, start) AS MATERIALIZED (
SELECT v.priority, v.user_id, t.slots - coalesce(held.n, 0), (100000000 / coalesce(t.weight, 100)), max(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + (100000000 / coalesce(t.weight, 100)), 0))
FROM line CROSS JOIN videos v ON v.id = line.id LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id LEFT JOIN held ON held.user_id = v.user_id
WHERE coalesce(t.slots > coalesce(held.n, 0), true) AND EXISTS (SELECT 1 FROM videos w WHERE w.priority = v.priority AND w.user_id = v.user_id AND state = 'queued' AND NOT slot AND not_before <= @now AND due_at <= @now AND true)
ORDER BY 1 DESC, 5 LIMIT (SELECT n + 100 FROM room)),
one (priority, user_id) AS MATERIALIZED (SELECT priority, user_id FROM turn ORDER BY random() LIMIT 1)
SELECT id, priority, user_id FROM videos
WHERE state = 'queued' AND NOT slot
AND id = (SELECT w.id FROM one CROSS JOIN videos w ON w.priority = one.priority AND w.user_id = one.user_id AND state = 'queued' AND NOT slot AND not_before <= @now AND due_at <= @now AND true ORDER BY w.not_before, w.id
LIMIT 1 OFFSET (SELECT abs(random()) % max(1, count(*)) FROM (SELECT 1 FROM one CROSS JOIN videos w ON w.priority = one.priority AND w.user_id = one.user_id AND state = 'queued' AND NOT slot AND not_before <= @now AND due_at <= @now AND true LIMIT 1000) AS few))
))
RETURNING id, claim, coalesce(traceparent, '')

-- admit the rest, in Postgres (slots, redispatch)
WITH chosen AS MATERIALIZED (
WITH RECURSIVE room (n) AS MATERIALIZED (SELECT CASE WHEN EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= now())) THEN greatest(0, CAST($1 AS bigint) - (
SELECT count(*) FILTER (WHERE NOT (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= now() - 180000000 * interval '1 us'))) + least(count(*) FILTER (WHERE (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= now() - 180000000 * interval '1 us'))), greatest(1, CAST($1 AS bigint) / 2))
FROM videos WHERE slot AND active)) ELSE 0 END),
suspect (template) AS MATERIALIZED (
SELECT coalesce(request ->> 'template_id', '') FROM videos
WHERE slot AND active AND state = 'submitting' AND (refusal IS NOT NULL OR attempt > 0)
GROUP BY 1 HAVING count(*) >= 3),
held (user_id, n) AS MATERIALIZED (SELECT coalesce(user_id, ''), count(*) FROM videos WHERE slot AND active AND EXISTS (SELECT 1 FROM turns WHERE slots > 0) GROUP BY 1),
line (id) AS (
SELECT (SELECT id FROM videos WHERE waiting AND true ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1) FROM room WHERE n > 0
UNION ALL
SELECT coalesce((SELECT id FROM videos WHERE waiting AND priority = v.priority AND user_id < v.user_id ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1),
(SELECT id FROM videos WHERE waiting AND priority < v.priority ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1))
FROM line JOIN videos v ON v.id = line.id),
turn (priority, user_id, most, length, start) AS MATERIALIZED (
SELECT v.priority, v.user_id, t.slots - coalesce(held.n, 0), (100000000 / coalesce(t.weight, 100)), greatest(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + (100000000 / coalesce(t.weight, 100)), 0))
FROM line JOIN videos v ON v.id = line.id LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id LEFT JOIN held ON held.user_id = v.user_id
WHERE coalesce(t.slots > coalesce(held.n, 0), true) AND EXISTS (SELECT 1 FROM videos w WHERE w.priority = v.priority AND w.user_id = v.user_id AND waiting AND not_before <= now() AND due_at <= now() AND true)
ORDER BY 1 DESC, 5 LIMIT (SELECT n + 100 FROM room))
SELECT c.id, c.priority, c.user_id FROM (
SELECT w.id, w.not_before, turn.priority, turn.user_id, turn.most,
row_number() OVER (PARTITION BY turn.user_id ORDER BY turn.priority DESC, w.not_before, w.id) AS place,
turn.start + turn.length * (row_number() OVER (PARTITION BY turn.user_id, turn.priority ORDER BY w.not_before, w.id) - 1) AS start
FROM turn CROSS JOIN LATERAL (SELECT w.id, w.not_before FROM videos w WHERE w.priority = turn.priority AND w.user_id = turn.user_id AND waiting AND not_before <= now() AND due_at <= now() AND true ORDER BY w.not_before, w.id LIMIT (SELECT n FROM room) FOR UPDATE SKIP LOCKED) AS w) AS c
JOIN videos v ON v.id = c.id AND v.state = 'queued' AND NOT v.slot
WHERE coalesce(c.place <= c.most, true)
ORDER BY c.priority DESC, c.start, c.not_before, c.id
LIMIT (SELECT n FROM room) FOR UPDATE OF v SKIP LOCKED), charged AS (
INSERT INTO turns_taken (priority, user_id, start)
SELECT v.priority, v.user_id, greatest(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + (100000000 / coalesce(t.weight, 100)), 0)) + (100000000 / coalesce(t.weight, 100)) * (v.n - 1)
FROM (SELECT priority, user_id, count(*) AS n FROM chosen GROUP BY priority, user_id) AS v LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id
WHERE true
ON CONFLICT (priority, user_id) DO UPDATE SET start = excluded.start)
UPDATE videos SET slot = true, claim = claim + 1, due_at = now() + $2 * interval '1 us' WHERE id = ANY (ARRAY(SELECT id FROM chosen))
RETURNING id, claim, coalesce(traceparent, '')
-- in SQLite
UPDATE videos SET slot = true, claim = claim + 1, due_at = @now + @redispatch WHERE id IN (SELECT id FROM (
WITH RECURSIVE room (n) AS MATERIALIZED (SELECT CASE WHEN EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= @now)) THEN max(0, CAST(@slots AS bigint) - (
SELECT count(*) FILTER (WHERE NOT (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= @now - 180000000))) + min(count(*) FILTER (WHERE (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= @now - 180000000))), max(1, CAST(@slots AS bigint) / 2))
FROM videos WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')))) ELSE 0 END),
suspect (template) AS MATERIALIZED (
SELECT coalesce(request ->> '$.template_id', '') FROM videos
WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND state = 'submitting' AND (refusal IS NOT NULL OR attempt > 0)
GROUP BY 1 HAVING count(*) >= 3),
held (user_id, n) AS MATERIALIZED (SELECT coalesce(user_id, ''), count(*) FROM videos WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND EXISTS (SELECT 1 FROM turns WHERE slots > 0) GROUP BY 1),
line (id) AS (
SELECT (SELECT id FROM videos WHERE state = 'queued' AND NOT slot AND true ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1) FROM room WHERE n > 0
UNION ALL
SELECT coalesce((SELECT id FROM videos WHERE state = 'queued' AND NOT slot AND priority = v.priority AND user_id < v.user_id ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1),
(SELECT id FROM videos WHERE state = 'queued' AND NOT slot AND priority < v.priority ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1))
FROM line CROSS JOIN videos v ON v.id = line.id),
turn (priority, user_id, most, length, start) AS MATERIALIZED (
SELECT v.priority, v.user_id, t.slots - coalesce(held.n, 0), (100000000 / coalesce(t.weight, 100)), max(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + (100000000 / coalesce(t.weight, 100)), 0))
FROM line CROSS JOIN videos v ON v.id = line.id LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id LEFT JOIN held ON held.user_id = v.user_id
WHERE coalesce(t.slots > coalesce(held.n, 0), true) AND EXISTS (SELECT 1 FROM videos w WHERE w.priority = v.priority AND w.user_id = v.user_id AND state = 'queued' AND NOT slot AND not_before <= @now AND due_at <= @now AND true)
ORDER BY 1 DESC, 5 LIMIT (SELECT n + 100 FROM room))
SELECT c.id, c.priority, c.user_id FROM (
SELECT w.id, w.not_before, turn.priority, turn.user_id, turn.most,
row_number() OVER (PARTITION BY turn.user_id ORDER BY turn.priority DESC, w.not_before, w.id) AS place,
turn.start + turn.length * (row_number() OVER (PARTITION BY turn.user_id, turn.priority ORDER BY w.not_before, w.id) - 1) AS start
FROM turn JOIN videos w ON w.id IN (SELECT w.id FROM videos w WHERE w.priority = turn.priority AND w.user_id = turn.user_id AND state = 'queued' AND NOT slot AND not_before <= @now AND due_at <= @now AND true ORDER BY w.not_before, w.id LIMIT (SELECT n FROM room) )) AS c

WHERE coalesce(c.place <= c.most, true)
ORDER BY c.priority DESC, c.start, c.not_before, c.id
LIMIT (SELECT n FROM room) ))
RETURNING id, claim, coalesce(traceparent, '')

-- admit the unsuspected, in Postgres (slots, redispatch)
WITH chosen AS MATERIALIZED (
WITH RECURSIVE room (n) AS MATERIALIZED (SELECT CASE WHEN EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= now())) THEN greatest(0, CAST($1 AS bigint) - (
SELECT count(*) FILTER (WHERE NOT (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= now() - 180000000 * interval '1 us'))) + least(count(*) FILTER (WHERE (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= now() - 180000000 * interval '1 us'))), greatest(1, CAST($1 AS bigint) / 2))
FROM videos WHERE slot AND active)) ELSE 0 END),
suspect (template) AS MATERIALIZED (
SELECT coalesce(request ->> 'template_id', '') FROM videos
WHERE slot AND active AND state = 'submitting' AND (refusal IS NOT NULL OR attempt > 0)
GROUP BY 1 HAVING count(*) >= 3),
held (user_id, n) AS MATERIALIZED (SELECT coalesce(user_id, ''), count(*) FROM videos WHERE slot AND active AND EXISTS (SELECT 1 FROM turns WHERE slots > 0) GROUP BY 1),
line (id) AS (
SELECT (SELECT id FROM videos WHERE waiting AND true ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1) FROM room WHERE n > 0
UNION ALL
SELECT coalesce((SELECT id FROM videos WHERE waiting AND priority = v.priority AND user_id < v.user_id ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1),
(SELECT id FROM videos WHERE waiting AND priority < v.priority ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1))
FROM line JOIN videos v ON v.id = line.id),
turn (priority, user_id, most, length, start) AS MATERIALIZED (
SELECT v.priority, v.user_id, t.slots - coalesce(held.n, 0), (100000000 / coalesce(t.weight, 100)), greatest(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + (100000000 / coalesce(t.weight, 100)), 0))
FROM line JOIN videos v ON v.id = line.id LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id LEFT JOIN held ON held.user_id = v.user_id
WHERE coalesce(t.slots > coalesce(held.n, 0), true) AND EXISTS (SELECT 1 FROM videos w WHERE w.priority = v.priority AND w.user_id = v.user_id AND waiting AND not_before <= now() AND due_at <= now() AND coalesce(request ->> 'template_id', '') <> ALL (ARRAY(SELECT template FROM suspect)))
ORDER BY 1 DESC, 5 LIMIT (SELECT n + 4 FROM room))
SELECT c.id, c.priority, c.user_id FROM (
SELECT w.id, w.not_before, turn.priority, turn.user_id, turn.most,
row_number() OVER (PARTITION BY turn.user_id ORDER BY turn.priority DESC, w.not_before, w.id) AS place,
turn.start + turn.length * (row_number() OVER (PARTITION BY turn.user_id, turn.priority ORDER BY w.not_before, w.id) - 1) AS start
FROM turn CROSS JOIN LATERAL (SELECT w.id, w.not_before FROM videos w WHERE w.priority = turn.priority AND w.user_id = turn.user_id AND waiting AND not_before <= now() AND due_at <= now() AND coalesce(request ->> 'template_id', '') <> ALL (ARRAY(SELECT template FROM suspect)) ORDER BY w.not_before, w.id LIMIT (SELECT CAST(max(n * part) AS bigint) + 4 FROM room CROSS JOIN (
SELECT 1.0 / length / sum(1.0 / length) OVER (PARTITION BY priority) AS part FROM turn) AS parts)) AS w) AS c
JOIN videos v ON v.id = c.id AND v.state = 'queued' AND NOT v.slot
WHERE coalesce(c.place <= c.most, true)
ORDER BY c.priority DESC, c.start, c.not_before, c.id
LIMIT (SELECT n FROM room) FOR UPDATE OF v SKIP LOCKED), charged AS (
INSERT INTO turns_taken (priority, user_id, start)
SELECT v.priority, v.user_id, greatest(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + (100000000 / coalesce(t.weight, 100)), 0)) + (100000000 / coalesce(t.weight, 100)) * (v.n - 1)
FROM (SELECT priority, user_id, count(*) AS n FROM chosen GROUP BY priority, user_id) AS v LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id
WHERE true
ON CONFLICT (priority, user_id) DO UPDATE SET start = excluded.start)
UPDATE videos SET slot = true, claim = claim + 1, due_at = now() + $2 * interval '1 us' WHERE id = ANY (ARRAY(SELECT id FROM chosen))
RETURNING id, claim, coalesce(traceparent, '')
-- in SQLite
UPDATE videos SET slot = true, claim = claim + 1, due_at = @now + @redispatch WHERE id IN (SELECT id FROM (
WITH RECURSIVE room (n) AS MATERIALIZED (SELECT CASE WHEN EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= @now)) THEN max(0, CAST(@slots AS bigint) - (
SELECT count(*) FILTER (WHERE NOT (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= @now - 180000000))) + min(count(*) FILTER (WHERE (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= @now - 180000000))), max(1, CAST(@slots AS bigint) / 2))
FROM videos WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')))) ELSE 0 END),
suspect (template) AS MATERIALIZED (
SELECT coalesce(request ->> '$.template_id', '') FROM videos
WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND state = 'submitting' AND (refusal IS NOT NULL OR attempt > 0)
GROUP BY 1 HAVING count(*) >= 3),
held (user_id, n) AS MATERIALIZED (SELECT coalesce(user_id, ''), count(*) FROM videos WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND EXISTS (SELECT 1 FROM turns WHERE slots > 0) GROUP BY 1),
line (id) AS (
SELECT (SELECT id FROM videos WHERE state = 'queued' AND NOT slot AND true ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1) FROM room WHERE n > 0
UNION ALL
SELECT coalesce((SELECT id FROM videos WHERE state = 'queued' AND NOT slot AND priority = v.priority AND user_id < v.user_id ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1),
(SELECT id FROM videos WHERE state = 'queued' AND NOT slot AND priority < v.priority ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1))
FROM line CROSS JOIN videos v ON v.id = line.id),
turn (priority, user_id, most, length, start) AS MATERIALIZED (
SELECT v.priority, v.user_id, t.slots - coalesce(held.n, 0), (100000000 / coalesce(t.weight, 100)), max(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + (100000000 / coalesce(t.weight, 100)), 0))
FROM line CROSS JOIN videos v ON v.id = line.id LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id LEFT JOIN held ON held.user_id = v.user_id
WHERE coalesce(t.slots > coalesce(held.n, 0), true) AND EXISTS (SELECT 1 FROM videos w WHERE w.priority = v.priority AND w.user_id = v.user_id AND state = 'queued' AND NOT slot AND not_before <= @now AND due_at <= @now AND coalesce(request ->> '$.template_id', '') NOT IN (SELECT template FROM suspect))
ORDER BY 1 DESC, 5 LIMIT (SELECT n + 4 FROM room))
SELECT c.id, c.priority, c.user_id FROM (
SELECT w.id, w.not_before, turn.priority, turn.user_id, turn.most,
row_number() OVER (PARTITION BY turn.user_id ORDER BY turn.priority DESC, w.not_before, w.id) AS place,
turn.start + turn.length * (row_number() OVER (PARTITION BY turn.user_id, turn.priority ORDER BY w.not_before, w.id) - 1) AS start
FROM turn JOIN videos w ON w.id IN (SELECT w.id FROM videos w WHERE w.priority = turn.priority AND w.user_id = turn.user_id AND state = 'queued' AND NOT slot AND not_before <= @now AND due_at <= @now AND coalesce(request ->> '$.template_id', '') NOT IN (SELECT template FROM suspect) ORDER BY w.not_before, w.id LIMIT (SELECT CAST(max(n * part) AS bigint) + 4 FROM room CROSS JOIN (
SELECT 1.0 / length / sum(1.0 / length) OVER (PARTITION BY priority) AS part FROM turn) AS parts))) AS c

WHERE coalesce(c.place <= c.most, true)
ORDER BY c.priority DESC, c.start, c.not_before, c.id
LIMIT (SELECT n FROM room) ))
RETURNING id, claim, coalesce(traceparent, '')

-- adopt, in Postgres (heygen, render, id)
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = now(), attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'rendering', slot = true, heygen_id = $1, accepted_at = now(),
render_deadline = now() + $2 * interval '1 us', render_dead = false,
refusal = NULL, looking_since = NULL, timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'rendering', 'at', now())) WHERE id = $3 RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = @now, attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'rendering', slot = true, heygen_id = @heygen, accepted_at = @now,
render_deadline = @now + @render, render_dead = false,
refusal = NULL, looking_since = NULL, timeline = json_insert(timeline, '$[#]', json_object('state', 'rendering', 'at', @now)) WHERE id = @id RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')

-- ask to cancel, in Postgres (id)
UPDATE videos SET cancel_requested = true WHERE id = $1 RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos SET cancel_requested = true WHERE id = @id RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')

-- ask to cancel, in Postgres (ids)
UPDATE videos SET cancel_requested = true WHERE id = ANY ($1)
-- in SQLite
UPDATE videos SET cancel_requested = true WHERE id IN (SELECT value FROM json_each(@ids))

-- ask to cancel videos that are left, in Postgres (user)
UPDATE videos SET cancel_requested = true WHERE user_id = $1 AND state = 'submitting'
-- in SQLite
UPDATE videos SET cancel_requested = true WHERE user_id = @user AND state = 'submitting'

-- begin a round, in Postgres (lease)
UPDATE watch SET round = round + 1, lease_until = now() + $1 * interval '1 us'
WHERE lease_until IS NULL OR lease_until <= now()
RETURNING round, now(), memory
-- in SQLite
UPDATE watch SET round = round + 1, lease_until = @now + @lease
WHERE lease_until IS NULL OR lease_until <= @now
RETURNING round, @now, memory

-- begin a scheduled job, in Postgres (name)
INSERT INTO scheduled_runs AS r (name, run, started_at, outcome) VALUES ($1, 1, now(), 'running')
ON CONFLICT (name) DO UPDATE
SET run = r.run + 1, started_at = excluded.started_at, finished_at = NULL, outcome = 'running', result = '', error = ''
RETURNING run
-- in SQLite
INSERT INTO scheduled_runs AS r (name, run, started_at, outcome) VALUES (@name, 1, @now, 'running')
ON CONFLICT (name) DO UPDATE
SET run = r.run + 1, started_at = excluded.started_at, finished_at = NULL, outcome = 'running', result = '', error = ''
RETURNING run

-- begin create, in Postgres (lease, keylife, pairs, grace, searchtime)
UPDATE videos AS v
SET run = c.number, state = 'submitting',
lease_until   = now() + $1 * interval '1 us',
due_at        = now() + $1 * interval '1 us',
submitted_at  = CASE WHEN (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= now() - $2 * interval '1 us', false)) THEN submitted_at ELSE coalesce(submitted_at, now()) END,
sent_at       = CASE WHEN (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= now() - $2 * interval '1 us', false)) THEN sent_at ELSE now() END,
sends         = sends + CASE WHEN (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= now() - $2 * interval '1 us', false)) THEN 0 ELSE 1 END,
looking_since = CASE WHEN (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= now() - $2 * interval '1 us', false)) THEN coalesce(looking_since, now()) END,
timeline      = CASE WHEN state = 'queued' THEN timeline || jsonb_build_array(jsonb_build_object('state', 'submitting', 'at', now())) ELSE timeline END
FROM json_to_recordset($3) AS c (video uuid, number bigint)
WHERE v.id = c.video AND v.claim = c.number AND v.run < c.number AND (v.lease_until IS NULL OR v.lease_until <= now())
AND (v.state = 'submitting' OR (v.state = 'queued' AND v.slot AND (EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= now())) OR EXISTS (SELECT 1 FROM admission WHERE state = 'stopped' AND probe = v.id))))
RETURNING id, run, state, title, description, metadata, request, attempt, created_at,
submission, refusals, sends = 1 AND NOT (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= now() - $2 * interval '1 us', false)), (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= now() - $2 * interval '1 us', false)),
coalesce(sent_at <= now() - $4 * interval '1 us', true),
submitted_at <= now() - $2 * interval '1 us',
coalesce(looking_since <= now() - $5 * interval '1 us', false),
cancel_requested, refusal, coalesce(last_answer, ''), coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos AS v
SET run = c.number, state = 'submitting',
lease_until   = @now + @lease,
due_at        = @now + @lease,
submitted_at  = CASE WHEN (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= @now - @keylife, false)) THEN submitted_at ELSE coalesce(submitted_at, @now) END,
sent_at       = CASE WHEN (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= @now - @keylife, false)) THEN sent_at ELSE @now END,
sends         = sends + CASE WHEN (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= @now - @keylife, false)) THEN 0 ELSE 1 END,
looking_since = CASE WHEN (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= @now - @keylife, false)) THEN coalesce(looking_since, @now) END,
timeline      = CASE WHEN state = 'queued' THEN json_insert(timeline, '$[#]', json_object('state', 'submitting', 'at', @now)) ELSE timeline END
FROM (SELECT value ->> 'video' AS video, value ->> 'number' AS number FROM json_each(@pairs)) AS c
WHERE v.id = c.video AND v.claim = c.number AND v.run < c.number AND (v.lease_until IS NULL OR v.lease_until <= @now)
AND (v.state = 'submitting' OR (v.state = 'queued' AND v.slot AND (EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= @now)) OR EXISTS (SELECT 1 FROM admission WHERE state = 'stopped' AND probe = v.id))))
RETURNING id, run, state, title, description, metadata, request, attempt, created_at,
submission, refusals, sends = 1 AND NOT (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= @now - @keylife, false)), (cancel_requested OR refusal IS NOT NULL OR coalesce(submitted_at <= @now - @keylife, false)),
coalesce(sent_at <= @now - @grace, true),
submitted_at <= @now - @keylife,
coalesce(looking_since <= @now - @searchtime, false),
cancel_requested, refusal, coalesce(last_answer, ''), coalesce(traceparent, ''), coalesce(request_id, '')

-- begin download, in Postgres (lease, pairs)
UPDATE videos AS v
SET run = c.number, lease_until = now() + $1 * interval '1 us', due_at = now() + $1 * interval '1 us'
FROM json_to_recordset($2) AS c (video uuid, number bigint)
WHERE v.id = c.video AND v.claim = c.number AND v.run < c.number AND (v.lease_until IS NULL OR v.lease_until <= now()) AND v.state = 'downloading'
RETURNING id, run, state, title, description, metadata, request, heygen_id, submission, attempt, created_at,
CASE WHEN completed_at IS NOT NULL THEN coalesce(media_prefix, '') ELSE '' END, CASE WHEN completed_at IS NOT NULL THEN file END, doubts, coalesce((extract(epoch FROM now() - doubted_since) * 1000000)::bigint, 0), coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos AS v
SET run = c.number, lease_until = @now + @lease, due_at = @now + @lease
FROM (SELECT value ->> 'video' AS video, value ->> 'number' AS number FROM json_each(@pairs)) AS c
WHERE v.id = c.video AND v.claim = c.number AND v.run < c.number AND (v.lease_until IS NULL OR v.lease_until <= @now) AND v.state = 'downloading'
RETURNING id, run, state, title, description, metadata, request, heygen_id, submission, attempt, created_at,
CASE WHEN completed_at IS NOT NULL THEN coalesce(media_prefix, '') ELSE '' END, CASE WHEN completed_at IS NOT NULL THEN file END, doubts, coalesce((@now - doubted_since), 0), coalesce(traceparent, ''), coalesce(request_id, '')

-- begin notifications, in Postgres (lease, pairs)
UPDATE notifications AS n
SET run = c.number, due_at = now() + $1 * interval '1 us'
FROM json_to_recordset($2) AS c (video uuid, number bigint)
WHERE n.id = c.video AND n.claim = c.number AND n.run < c.number AND n.due_at IS NOT NULL
-- in SQLite
UPDATE notifications AS n
SET run = c.number, due_at = @now + @lease
FROM (SELECT value ->> 'video' AS video, value ->> 'number' AS number FROM json_each(@pairs)) AS c
WHERE n.id = c.video AND n.claim = c.number AND n.run < c.number AND n.due_at IS NOT NULL

-- begin poll, in Postgres (lease, pairs, writeoff)
UPDATE videos AS v
SET run = c.number, hinted = false, lease_until = now() + $1 * interval '1 us', due_at = now() + $1 * interval '1 us'
FROM json_to_recordset($2) AS c (video uuid, number bigint)
WHERE v.id = c.video AND v.claim = c.number AND v.run < c.number AND (v.lease_until IS NULL OR v.lease_until <= now()) AND (state = 'rendering' OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled')))
RETURNING id, run, state, heygen_id, attempt, slot, doubts, coalesce((extract(epoch FROM now() - doubted_since) * 1000000)::bigint, 0), (extract(epoch FROM now() - accepted_at) * 1000000)::bigint,
render_deadline <= now(), render_deadline <= now() - $3 * interval '1 us',
(SELECT was.hinted FROM videos was WHERE was.id = v.id), coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos AS v
SET run = c.number, hinted = false, lease_until = @now + @lease, due_at = @now + @lease
FROM (SELECT value ->> 'video' AS video, value ->> 'number' AS number FROM json_each(@pairs)) AS c
WHERE v.id = c.video AND v.claim = c.number AND v.run < c.number AND (v.lease_until IS NULL OR v.lease_until <= @now) AND (state = 'rendering' OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled')))
RETURNING id, run, state, heygen_id, attempt, slot, doubts, coalesce((@now - doubted_since), 0), (@now - accepted_at),
render_deadline <= @now, render_deadline <= @now - @writeoff,
hinted, coalesce(traceparent, ''), coalesce(request_id, '')

-- cancel, in Postgres (id)
UPDATE videos SET
state = 'cancelled', run = claim + 1, claim = claim + 1, lease_until = NULL,
slot = slot AND state = 'rendering',
due_at = CASE WHEN slot AND state = 'rendering' THEN now() END,
timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'cancelled', 'at', now())) WHERE id = $1 RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos SET
state = 'cancelled', run = claim + 1, claim = claim + 1, lease_until = NULL,
slot = slot AND state = 'rendering',
due_at = CASE WHEN slot AND state = 'rendering' THEN @now END,
timeline = json_insert(timeline, '$[#]', json_object('state', 'cancelled', 'at', @now)) WHERE id = @id RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')

-- cancel, in Postgres (ids)
UPDATE videos SET
state = 'cancelled', run = claim + 1, claim = claim + 1, lease_until = NULL,
slot = slot AND state = 'rendering',
due_at = CASE WHEN slot AND state = 'rendering' THEN now() END,
timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'cancelled', 'at', now())) WHERE id = ANY ($1)
-- in SQLite
UPDATE videos SET
state = 'cancelled', run = claim + 1, claim = claim + 1, lease_until = NULL,
slot = slot AND state = 'rendering',
due_at = CASE WHEN slot AND state = 'rendering' THEN @now END,
timeline = json_insert(timeline, '$[#]', json_object('state', 'cancelled', 'at', @now)) WHERE id IN (SELECT value FROM json_each(@ids))

-- cancel videos that are left, in Postgres (user)
UPDATE videos SET notify_url = '',
state = 'cancelled', run = claim + 1, claim = claim + 1, lease_until = NULL,
slot = slot AND state = 'rendering',
due_at = CASE WHEN slot AND state = 'rendering' THEN now() END,
timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'cancelled', 'at', now())) WHERE user_id = $1 AND state IN ('queued', 'rendering', 'downloading')
-- in SQLite
UPDATE videos SET notify_url = '',
state = 'cancelled', run = claim + 1, claim = claim + 1, lease_until = NULL,
slot = slot AND state = 'rendering',
due_at = CASE WHEN slot AND state = 'rendering' THEN @now END,
timeline = json_insert(timeline, '$[#]', json_object('state', 'cancelled', 'at', @now)) WHERE user_id = @user AND state IN ('queued', 'rendering', 'downloading')

-- change a profile, in Postgres (first, last, bio, avatar, zone, id)
UPDATE profiles SET first_name = $1, last_name = $2, bio = $3, avatar_url = $4, time_zone = $5 WHERE user_id = $6
-- in SQLite
UPDATE profiles SET first_name = @first, last_name = @last, bio = @bio, avatar_url = @avatar, time_zone = @zone WHERE user_id = @id

-- change a user, in Postgres (email, key, search, role, active, id)
UPDATE users SET email = $1, email_key = $2, search = $3, role = $4, updated_at = now(),
deactivated_at = CASE WHEN $5 THEN NULL ELSE coalesce(deactivated_at, now()) END
WHERE id = $6
-- in SQLite
UPDATE users SET email = @email, email_key = @key, search = @search, role = @role, updated_at = @now,
deactivated_at = CASE WHEN @active THEN NULL ELSE coalesce(deactivated_at, @now) END
WHERE id = @id

-- charge for turns, in Postgres ()

-- in SQLite
INSERT INTO turns_taken (priority, user_id, start)
SELECT v.priority, v.user_id, max(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + (100000000 / coalesce(t.weight, 100)), 0)) + (100000000 / coalesce(t.weight, 100)) * (v.n - 1)
FROM (SELECT priority, user_id, count(*) AS n FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND slot AND state = 'queued' AND due_at = @now + @redispatch GROUP BY priority, user_id) AS v LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id
WHERE true
ON CONFLICT (priority, user_id) DO UPDATE SET start = excluded.start

-- claim analyses, in Postgres (redispatch, n)
UPDATE video_analytics
SET claim = claim + 1, due_at = now() + $1 * interval '1 us'
WHERE video_id = ANY (ARRAY(SELECT video_id FROM video_analytics WHERE due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING video_id, claim
-- in SQLite
UPDATE video_analytics
SET claim = claim + 1, due_at = @now + @redispatch
WHERE video_id IN (SELECT video_id FROM video_analytics WHERE due_at <= @now ORDER BY due_at LIMIT @n )
RETURNING video_id, claim

-- claim create, in Postgres (redispatch, n)
UPDATE videos
SET claim = claim + 1, due_at = now() + $1 * interval '1 us',
lapses = CASE WHEN lease_until IS NULL THEN lapses ELSE lapses + 1 END, lease_until = NULL
WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE active AND due_at <= now() AND (state = 'submitting' OR (slot AND state = 'queued')) ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING id, claim, coalesce(traceparent, ''), lapses
-- in SQLite
UPDATE videos
SET claim = claim + 1, due_at = @now + @redispatch,
lapses = CASE WHEN lease_until IS NULL THEN lapses ELSE lapses + 1 END, lease_until = NULL
WHERE id IN (SELECT id FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND due_at <= @now AND (state = 'submitting' OR (slot AND state = 'queued')) ORDER BY due_at, id LIMIT @n )
RETURNING id, claim, coalesce(traceparent, ''), lapses

-- claim download, in Postgres (redispatch, n)
UPDATE videos
SET claim = claim + 1, due_at = now() + $1 * interval '1 us',
lapses = CASE WHEN lease_until IS NULL THEN lapses ELSE lapses + 1 END, lease_until = NULL
WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE active AND due_at <= now() AND state = 'downloading' ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING id, claim, coalesce(traceparent, ''), lapses
-- in SQLite
UPDATE videos
SET claim = claim + 1, due_at = @now + @redispatch,
lapses = CASE WHEN lease_until IS NULL THEN lapses ELSE lapses + 1 END, lease_until = NULL
WHERE id IN (SELECT id FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND due_at <= @now AND state = 'downloading' ORDER BY due_at, id LIMIT @n )
RETURNING id, claim, coalesce(traceparent, ''), lapses

-- claim notifications, in Postgres (redispatch, n)
UPDATE notifications
SET claim = claim + 1, due_at = now() + $1 * interval '1 us'
WHERE id = ANY (ARRAY(SELECT id FROM notifications WHERE due_at <= now() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING id, claim
-- in SQLite
UPDATE notifications
SET claim = claim + 1, due_at = @now + @redispatch
WHERE id IN (SELECT id FROM notifications WHERE due_at <= @now ORDER BY due_at LIMIT @n )
RETURNING id, claim

-- claim poll, in Postgres (redispatch, n)
UPDATE videos
SET claim = claim + 1, due_at = now() + $1 * interval '1 us',
lapses = CASE WHEN lease_until IS NULL THEN lapses ELSE lapses + 1 END, lease_until = NULL
WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE active AND due_at <= now() AND (state = 'rendering' OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled'))) ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING id, claim, coalesce(traceparent, ''), lapses
-- in SQLite
UPDATE videos
SET claim = claim + 1, due_at = @now + @redispatch,
lapses = CASE WHEN lease_until IS NULL THEN lapses ELSE lapses + 1 END, lease_until = NULL
WHERE id IN (SELECT id FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND due_at <= @now AND (state = 'rendering' OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled'))) ORDER BY due_at, id LIMIT @n )
RETURNING id, claim, coalesce(traceparent, ''), lapses

-- close admission, in Postgres (reason)
UPDATE admission SET state = 'paused', reason = $1, until = NULL WHERE (state = 'open' OR (state = 'paused' AND until IS NOT NULL))
-- in SQLite
UPDATE admission SET state = 'paused', reason = @reason, until = NULL WHERE (state = 'open' OR (state = 'paused' AND until IS NOT NULL))

-- count analyses, in Postgres ()
UPDATE video_analytics SET counted = true WHERE completed_at IS NOT NULL AND NOT counted RETURNING video_id
-- in SQLite
UPDATE video_analytics SET counted = true WHERE completed_at IS NOT NULL AND NOT counted RETURNING video_id

-- count analyses, in Postgres (id)
UPDATE video_analytics SET counted = true WHERE completed_at IS NOT NULL AND NOT counted AND video_id = $1 RETURNING video_id
-- in SQLite
UPDATE video_analytics SET counted = true WHERE completed_at IS NOT NULL AND NOT counted AND video_id = @id RETURNING video_id

-- count jobs, in Postgres ()
SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
FROM (SELECT CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> 'step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END AS step, coalesce(v.failure ->> 'code', '') AS code, CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
WHEN v.sends = 0 THEN 'first_render'
WHEN v.failure ->> 'code' IN ('needs_review', 'given_up') THEN 'review'
ELSE 'new_render' END AS way, length(coalesce(v.request ->> 'script', '')) AS script FROM videos v WHERE v.failed_at IS NOT NULL) AS jobs
GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way
-- in SQLite
SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
FROM (SELECT CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> '$.step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END AS step, coalesce(v.failure ->> '$.code', '') AS code, CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
WHEN v.sends = 0 THEN 'first_render'
WHEN v.failure ->> '$.code' IN ('needs_review', 'given_up') THEN 'review'
ELSE 'new_render' END AS way, length(coalesce(v.request ->> '$.script', '')) AS script FROM videos v WHERE v.failed_at IS NOT NULL) AS jobs
GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way

-- count jobs, in Postgres (step, user)
SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
FROM (SELECT CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> 'step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END AS step, coalesce(v.failure ->> 'code', '') AS code, CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
WHEN v.sends = 0 THEN 'first_render'
WHEN v.failure ->> 'code' IN ('needs_review', 'given_up') THEN 'review'
ELSE 'new_render' END AS way, length(coalesce(v.request ->> 'script', '')) AS script FROM videos v WHERE (v.waiting OR v.active) AND v.state NOT IN ('failed', 'cancelled') AND v.lease_until > now() AND CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> 'step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END = $1 AND v.user_id = $2) AS jobs
GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way
-- in SQLite
SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
FROM (SELECT CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> '$.step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END AS step, coalesce(v.failure ->> '$.code', '') AS code, CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
WHEN v.sends = 0 THEN 'first_render'
WHEN v.failure ->> '$.code' IN ('needs_review', 'given_up') THEN 'review'
ELSE 'new_render' END AS way, length(coalesce(v.request ->> '$.script', '')) AS script FROM videos v WHERE (v.state IN ('queued', 'submitting', 'rendering', 'downloading')) AND v.lease_until > @now AND CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> '$.step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END = @step AND v.user_id = @user) AS jobs
GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way

-- count jobs, in Postgres ()
SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
FROM (SELECT '' AS step, 'not_measured' AS code, 'again' AS way, 0 AS script FROM video_analytics a JOIN videos v ON v.id = a.video_id WHERE a.failed_at IS NOT NULL) AS jobs
GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way
-- in SQLite
SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
FROM (SELECT '' AS step, 'not_measured' AS code, 'again' AS way, 0 AS script FROM video_analytics a JOIN videos v ON v.id = a.video_id WHERE a.failed_at IS NOT NULL) AS jobs
GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way

-- count jobs, in Postgres ()
SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
FROM (SELECT '' AS step, 'not_delivered' AS code, 'again' AS way, 0 AS script FROM notifications n JOIN videos v ON v.id = n.video_id WHERE n.state = 'failed') AS jobs
GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way
-- in SQLite
SELECT step, code, way, count(*), coalesce(sum(script), 0), count(*) FILTER (WHERE script = 0)
FROM (SELECT '' AS step, 'not_delivered' AS code, 'again' AS way, 0 AS script FROM notifications n JOIN videos v ON v.id = n.video_id WHERE n.state = 'failed') AS jobs
GROUP BY step, code, way ORDER BY count(*) DESC, step, code, way

-- count states, in Postgres ()
SELECT ended_as, count(*) FROM videos WHERE ended_as IS NOT NULL GROUP BY 1
UNION ALL
SELECT state, count(*) FROM videos WHERE waiting GROUP BY state
UNION ALL
SELECT state, count(*) FROM videos WHERE active AND NOT (ended_as IS NOT NULL) GROUP BY state
-- in SQLite
SELECT state, count(*) FROM videos WHERE state IN ('completed', 'failed', 'cancelled') GROUP BY 1
UNION ALL
SELECT state, count(*) FROM videos WHERE state = 'queued' AND NOT slot GROUP BY state
UNION ALL
SELECT state, count(*) FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND NOT (state IN ('completed', 'failed', 'cancelled')) GROUP BY state

-- count the generation, in Postgres (least)
INSERT INTO meta AS m (key, value) VALUES ('generation', CAST(CAST($1 AS bigint) + 1 AS text))
ON CONFLICT (key) DO UPDATE SET value = CAST(greatest(CAST(m.value AS bigint), CAST($1 AS bigint)) + 1 AS text)
RETURNING CAST(value AS bigint)
-- in SQLite
INSERT INTO meta AS m (key, value) VALUES ('generation', CAST(CAST(@least AS bigint) + 1 AS text))
ON CONFLICT (key) DO UPDATE SET value = CAST(max(CAST(m.value AS bigint), CAST(@least AS bigint)) + 1 AS text)
RETURNING CAST(value AS bigint)

-- count videos, in Postgres (viewer, viewer_id, most)
SELECT count(*) FROM (SELECT id FROM videos WHERE user_id = $1 UNION ALL SELECT s.video_id FROM shares s WHERE s.user_id = $2 LIMIT $3) AS counted
-- in SQLite
SELECT count(*) FROM (SELECT id FROM videos WHERE user_id = @viewer UNION ALL SELECT s.video_id FROM shares s WHERE s.user_id = @viewer_id LIMIT @most) AS counted

-- count videos, in Postgres (most)
SELECT count(*) FROM (SELECT 1 FROM videos WHERE true LIMIT $1) AS counted
-- in SQLite
SELECT count(*) FROM (SELECT 1 FROM videos WHERE true LIMIT @most) AS counted

-- count videos, in Postgres (viewer, user, state, most)
SELECT count(*) FROM (SELECT id FROM videos WHERE user_id = $1 AND user_id = $2 AND id IN (SELECT id FROM videos WHERE state = $3 AND waiting
UNION ALL SELECT id FROM videos WHERE state = $3 AND active) LIMIT $4) AS counted
-- in SQLite
SELECT count(*) FROM (SELECT id FROM videos WHERE user_id = @viewer AND user_id = @user AND id IN (SELECT id FROM videos WHERE state = @state AND state = 'queued' AND NOT slot
UNION ALL SELECT id FROM videos WHERE state = @state AND (slot OR (due_at IS NOT NULL AND state <> 'queued'))) LIMIT @most) AS counted

-- count videos, in Postgres (user, state, most)
SELECT count(*) FROM (SELECT 1 FROM videos WHERE true AND user_id = $1 AND id IN (SELECT id FROM videos WHERE state = $2 AND waiting
UNION ALL SELECT id FROM videos WHERE state = $2 AND active) LIMIT $3) AS counted
-- in SQLite
SELECT count(*) FROM (SELECT 1 FROM videos WHERE true AND user_id = @user AND id IN (SELECT id FROM videos WHERE state = @state AND state = 'queued' AND NOT slot
UNION ALL SELECT id FROM videos WHERE state = @state AND (slot OR (due_at IS NOT NULL AND state <> 'queued'))) LIMIT @most) AS counted

-- count videos, in Postgres (viewer, state, viewer_id, most)
SELECT count(*) FROM (SELECT id FROM videos WHERE user_id = $1 AND ended_as = $2 AND ended_as IS NOT NULL UNION ALL SELECT s.video_id FROM shares s WHERE s.user_id = $3 AND EXISTS (SELECT 1 FROM videos WHERE id = s.video_id AND ended_as = $2 AND ended_as IS NOT NULL) LIMIT $4) AS counted
-- in SQLite
SELECT count(*) FROM (SELECT id FROM videos WHERE user_id = @viewer AND state = @state AND state IN ('completed', 'failed', 'cancelled') UNION ALL SELECT s.video_id FROM shares s WHERE s.user_id = @viewer_id AND EXISTS (SELECT 1 FROM videos WHERE id = s.video_id AND state = @state AND state IN ('completed', 'failed', 'cancelled')) LIMIT @most) AS counted

-- count videos, in Postgres (state, most)
SELECT count(*) FROM (SELECT 1 FROM videos WHERE true AND ended_as = $1 AND ended_as IS NOT NULL LIMIT $2) AS counted
-- in SQLite
SELECT count(*) FROM (SELECT 1 FROM videos WHERE true AND state = @state AND state IN ('completed', 'failed', 'cancelled') LIMIT @most) AS counted

-- create a key, in Postgres (id, user, name, shown, sum, scopes, expires)
INSERT INTO api_keys (id, user_id, name, shown, sum, scopes, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, now(), $7)
-- in SQLite
INSERT INTO api_keys (id, user_id, name, shown, sum, scopes, created_at, expires_at)
VALUES (@id, @user, @name, @shown, @sum, @scopes, @now, @expires)

-- create a link, in Postgres (user, sum, kind, life)
INSERT INTO links (user_id, sum, kind, created_at, expires_at) VALUES ($1, $2, $3, now(), now() + $4 * interval '1 us')
ON CONFLICT (user_id) DO UPDATE SET sum = excluded.sum, kind = excluded.kind, created_at = excluded.created_at,
expires_at = excluded.expires_at, used_at = NULL
-- in SQLite
INSERT INTO links (user_id, sum, kind, created_at, expires_at) VALUES (@user, @sum, @kind, @now, @now + @life)
ON CONFLICT (user_id) DO UPDATE SET sum = excluded.sum, kind = excluded.kind, created_at = excluded.created_at,
expires_at = excluded.expires_at, used_at = NULL

-- create a profile, in Postgres (id, first, last, bio, avatar, zone)
INSERT INTO profiles (user_id, first_name, last_name, bio, avatar_url, time_zone)
VALUES ($1, $2, $3, $4, $5, $6)
-- in SQLite
INSERT INTO profiles (user_id, first_name, last_name, bio, avatar_url, time_zone)
VALUES (@id, @first, @last, @bio, @avatar, @zone)

-- create a user, in Postgres (id, email, key, search, role)
INSERT INTO users (id, email, email_key, search, role, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, now(), now()) ON CONFLICT DO NOTHING
-- in SQLite
INSERT INTO users (id, email, email_key, search, role, created_at, updated_at)
VALUES (@id, @email, @key, @search, @role, @now, @now) ON CONFLICT DO NOTHING

-- create videos, in Postgres (videos)
INSERT INTO videos (id, user_id, title, description, priority, metadata, notify_url, traceparent, request_id, request, not_before, due_at, created_at, timeline)
SELECT id, user_id, title, description, priority, metadata, notify_url, traceparent, request_id, request::jsonb, greatest((timestamptz 'epoch' + not_before * interval '1 us'), now()), greatest((timestamptz 'epoch' + not_before * interval '1 us'), now()), now(), jsonb_build_array(jsonb_build_object('state', 'queued', 'at', now()))
FROM json_to_recordset($1) AS n (id uuid, user_id text, title text, description text, priority smallint, metadata jsonb, notify_url text, traceparent text, request_id text, request text, not_before bigint)
RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
INSERT INTO videos (id, user_id, title, description, priority, metadata, notify_url, traceparent, request_id, request, not_before, due_at, created_at, timeline)
SELECT id, user_id, title, description, priority, metadata, notify_url, traceparent, request_id, request, max(not_before, @now), max(not_before, @now), @now, json_array(json_object('state', 'queued', 'at', @now))
FROM (SELECT value ->> 'id' AS id, value ->> 'user_id' AS user_id, value ->> 'title' AS title, value ->> 'description' AS description, value ->> 'priority' AS priority, nullif(value -> 'metadata', 'null') AS metadata, value ->> 'notify_url' AS notify_url, value ->> 'traceparent' AS traceparent, value ->> 'request_id' AS request_id, value ->> 'request' AS request, value ->> 'not_before' AS not_before FROM json_each(@videos)) AS n
RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')

-- delete a user, in Postgres (id)
DELETE FROM users WHERE id = $1
-- in SQLite
DELETE FROM users WHERE id = @id

-- delete a video, in Postgres (id)
DELETE FROM videos WHERE id = $1 AND NOT slot
-- in SQLite
DELETE FROM videos WHERE id = @id AND NOT slot

-- delete analyses, in Postgres (ids)
DELETE FROM video_analytics WHERE video_id = ANY ($1) AND failed_at IS NOT NULL
RETURNING video_id, 'analysis:' || video_id, video_id
-- in SQLite
DELETE FROM video_analytics WHERE video_id IN (SELECT value FROM json_each(@ids)) AND failed_at IS NOT NULL
RETURNING video_id, 'analysis:' || video_id, video_id

-- delete notifications, in Postgres (ids)
DELETE FROM notifications WHERE id = ANY ($1) AND state = 'failed'
RETURNING id, 'notification:' || id, video_id
-- in SQLite
DELETE FROM notifications WHERE id IN (SELECT value FROM json_each(@ids)) AND state = 'failed'
RETURNING id, 'notification:' || id, video_id

-- depart with videos, in Postgres (owner, user)
UPDATE videos SET user_id = $1, notify_url = '' WHERE user_id = $2
-- in SQLite
UPDATE videos SET user_id = @owner, notify_url = '' WHERE user_id = @user

-- end, in Postgres (redispatch, render, ends)
UPDATE videos AS v
SET state = (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END),
slot  = (v.slot AND NOT e.free_slot OR e.take_slot),
run   = v.claim + 1,
claim = v.claim + CASE WHEN e.next THEN 2 ELSE 1 END,
lease_until = NULL,
due_at = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) IN ('completed', 'failed', 'cancelled') AND NOT ((v.slot AND NOT e.free_slot OR e.take_slot) OR e.watch) THEN NULL
WHEN e.next THEN now() + $1 * interval '1 us'
WHEN (e.cancel_wins AND v.cancel_requested) OR (e.due_on_hint AND v.hinted) THEN now()
ELSE now() + e.due / 1000 * interval '1 us' END,
hinted  = v.hinted AND NOT e.clear_hint,
attempt = CASE e.attempts WHEN 0 THEN 0 WHEN 1 THEN v.attempt + 1 ELSE v.attempt END,
lapses  = CASE e.attempts WHEN 2 THEN v.lapses ELSE 0 END,

submission    = v.submission + CASE WHEN e.new_submission AND NOT (e.cancel_wins AND v.cancel_requested) THEN 1 ELSE 0 END,
sends         = CASE WHEN e.unsend THEN 0 ELSE v.sends END,
submitted_at  = CASE WHEN NOT e.unsend THEN v.submitted_at END,
sent_at       = CASE WHEN NOT e.unsend THEN v.sent_at END,
refusals      = CASE WHEN e.new_submission THEN 0 WHEN e.refused THEN v.refusals + 1 ELSE v.refusals END,
refusal       = CASE WHEN NOT e.forget_refusal AND (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = 'submitting' THEN coalesce(e.store_refusal, v.refusal) END,
looking_since = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = 'submitting' THEN v.looking_since END,
last_answer   = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = 'submitting' THEN coalesce(nullif(e.last_answer, ''), v.last_answer) END,

heygen_id       = CASE WHEN e.heygen_id <> '' THEN e.heygen_id ELSE v.heygen_id END,
accepted_at     = CASE WHEN e.heygen_id <> '' THEN now() ELSE v.accepted_at END,
render_deadline = CASE WHEN e.heygen_id <> '' THEN now() + $2 * interval '1 us' ELSE v.render_deadline END,
render_dead     = (v.render_dead OR e.render_dead) AND NOT e.render_alive,
doubts          = CASE WHEN e.doubt = 2 OR e.heygen_id <> '' THEN 0 WHEN e.doubt = 1 THEN v.doubts + 1 ELSE v.doubts END,
doubted_since   = CASE WHEN e.doubt = 2 OR e.heygen_id <> '' THEN NULL WHEN e.doubt = 1 THEN coalesce(v.doubted_since, now()) ELSE v.doubted_since END,

failure      = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = 'failed' THEN coalesce(e.failure, v.failure) END,
media_prefix = CASE WHEN e.media_prefix <> '' THEN e.media_prefix ELSE v.media_prefix END,
file         = coalesce(e.file, v.file),
completed_at = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = 'completed' THEN coalesce(v.completed_at, now()) ELSE v.completed_at END,
timeline     = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = v.state THEN v.timeline ELSE timeline || jsonb_build_array(jsonb_build_object('state', (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END), 'at', now())) END
FROM json_to_recordset($3) AS e (
video uuid, run bigint, state text, "to" text, cancel_wins boolean, failure jsonb,
due bigint, due_on_hint boolean, next boolean, free_slot boolean, take_slot boolean, watch boolean,
render_dead boolean, render_alive boolean, doubt integer, attempts integer,
unsend boolean, refused boolean, new_submission boolean, store_refusal jsonb, forget_refusal boolean, last_answer text,
heygen_id text, clear_hint boolean, media_prefix text, file jsonb)
WHERE v.id = e.video AND v.run = e.run AND v.state = e.state
RETURNING id, v.state, v.run, claim
-- in SQLite
UPDATE videos AS v
SET state = (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END),
slot  = (v.slot AND NOT e.free_slot OR e.take_slot),
run   = v.claim + 1,
claim = v.claim + CASE WHEN e.next THEN 2 ELSE 1 END,
lease_until = NULL,
due_at = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) IN ('completed', 'failed', 'cancelled') AND NOT ((v.slot AND NOT e.free_slot OR e.take_slot) OR e.watch) THEN NULL
WHEN e.next THEN @now + @redispatch
WHEN (e.cancel_wins AND v.cancel_requested) OR (e.due_on_hint AND v.hinted) THEN @now
ELSE @now + e.due / 1000 END,
hinted  = v.hinted AND NOT e.clear_hint,
attempt = CASE e.attempts WHEN 0 THEN 0 WHEN 1 THEN v.attempt + 1 ELSE v.attempt END,
lapses  = CASE e.attempts WHEN 2 THEN v.lapses ELSE 0 END,

submission    = v.submission + CASE WHEN e.new_submission AND NOT (e.cancel_wins AND v.cancel_requested) THEN 1 ELSE 0 END,
sends         = CASE WHEN e.unsend THEN 0 ELSE v.sends END,
submitted_at  = CASE WHEN NOT e.unsend THEN v.submitted_at END,
sent_at       = CASE WHEN NOT e.unsend THEN v.sent_at END,
refusals      = CASE WHEN e.new_submission THEN 0 WHEN e.refused THEN v.refusals + 1 ELSE v.refusals END,
refusal       = CASE WHEN NOT e.forget_refusal AND (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = 'submitting' THEN coalesce(e.store_refusal, v.refusal) END,
looking_since = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = 'submitting' THEN v.looking_since END,
last_answer   = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = 'submitting' THEN coalesce(nullif(e.last_answer, ''), v.last_answer) END,

heygen_id       = CASE WHEN e.heygen_id <> '' THEN e.heygen_id ELSE v.heygen_id END,
accepted_at     = CASE WHEN e.heygen_id <> '' THEN @now ELSE v.accepted_at END,
render_deadline = CASE WHEN e.heygen_id <> '' THEN @now + @render ELSE v.render_deadline END,
render_dead     = (v.render_dead OR e.render_dead) AND NOT e.render_alive,
doubts          = CASE WHEN e.doubt = 2 OR e.heygen_id <> '' THEN 0 WHEN e.doubt = 1 THEN v.doubts + 1 ELSE v.doubts END,
doubted_since   = CASE WHEN e.doubt = 2 OR e.heygen_id <> '' THEN NULL WHEN e.doubt = 1 THEN coalesce(v.doubted_since, @now) ELSE v.doubted_since END,

failure      = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = 'failed' THEN coalesce(e.failure, v.failure) END,
media_prefix = CASE WHEN e.media_prefix <> '' THEN e.media_prefix ELSE v.media_prefix END,
file         = coalesce(e.file, v.file),
completed_at = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = 'completed' THEN coalesce(v.completed_at, @now) ELSE v.completed_at END,
timeline     = CASE WHEN (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END) = v.state THEN v.timeline ELSE json_insert(timeline, '$[#]', json_object('state', (CASE WHEN (e.cancel_wins AND v.cancel_requested) THEN 'cancelled' ELSE e."to" END), 'at', @now)) END
FROM (SELECT value ->> 'video' AS video, value ->> 'run' AS run, value ->> 'state' AS state, value ->> 'to' AS "to", value ->> 'cancel_wins' AS cancel_wins, nullif(value -> 'failure', 'null') AS failure, value ->> 'due' AS due, value ->> 'due_on_hint' AS due_on_hint, value ->> 'next' AS next, value ->> 'free_slot' AS free_slot, value ->> 'take_slot' AS take_slot, value ->> 'watch' AS watch, value ->> 'render_dead' AS render_dead, value ->> 'render_alive' AS render_alive, value ->> 'doubt' AS doubt, value ->> 'attempts' AS attempts, value ->> 'unsend' AS unsend, value ->> 'refused' AS refused, value ->> 'new_submission' AS new_submission, nullif(value -> 'store_refusal', 'null') AS store_refusal, value ->> 'forget_refusal' AS forget_refusal, value ->> 'last_answer' AS last_answer, value ->> 'heygen_id' AS heygen_id, value ->> 'clear_hint' AS clear_hint, value ->> 'media_prefix' AS media_prefix, nullif(value -> 'file', 'null') AS file FROM json_each(@ends)) AS e
WHERE v.id = e.video AND v.run = e.run AND v.state = e.state
RETURNING id, state, run, claim

-- end a crash loop, in Postgres (why, id, claim)
UPDATE videos
SET run = claim + 1, claim = claim + 1, lease_until = NULL, attempt = 0, lapses = 0,
state    = CASE WHEN state IN ('rendering', 'downloading') THEN 'failed' ELSE state END,
failure  = CASE WHEN state IN ('rendering', 'downloading') THEN $1 ELSE failure END,
refusal  = CASE WHEN state = 'submitting' THEN coalesce(refusal, $1) ELSE refusal END,
timeline = CASE WHEN state IN ('rendering', 'downloading') THEN timeline || jsonb_build_array(jsonb_build_object('state', 'failed', 'at', now())) ELSE timeline END,
due_at   = CASE WHEN slot THEN now() END
WHERE id = $2 AND claim = $3 AND run < $3
-- in SQLite
UPDATE videos
SET run = claim + 1, claim = claim + 1, lease_until = NULL, attempt = 0, lapses = 0,
state    = CASE WHEN state IN ('rendering', 'downloading') THEN 'failed' ELSE state END,
failure  = CASE WHEN state IN ('rendering', 'downloading') THEN @why ELSE failure END,
refusal  = CASE WHEN state = 'submitting' THEN coalesce(refusal, @why) ELSE refusal END,
timeline = CASE WHEN state IN ('rendering', 'downloading') THEN json_insert(timeline, '$[#]', json_object('state', 'failed', 'at', @now)) ELSE timeline END,
due_at   = CASE WHEN slot THEN @now END
WHERE id = @id AND claim = @claim AND run < @claim

-- end a round, in Postgres (round)
UPDATE watch SET lease_until = NULL WHERE round = $1
-- in SQLite
UPDATE watch SET lease_until = NULL WHERE round = @round

-- end a scheduled job, in Postgres (outcome, result, error, name, run)
UPDATE scheduled_runs
SET finished_at = now(), outcome = $1, result = $2, error = $3,
succeeded_at = CASE WHEN $1 = 'succeeded' THEN now() ELSE succeeded_at END
WHERE name = $4 AND run = $5
-- in SQLite
UPDATE scheduled_runs
SET finished_at = @now, outcome = @outcome, result = @result, error = @error,
succeeded_at = CASE WHEN @outcome = 'succeeded' THEN @now ELSE succeeded_at END
WHERE name = @name AND run = @run

-- end a task, in Postgres (status, result, error, id)
UPDATE tasks SET status = $1, result = $2, error = $3, ended_at = now() WHERE id = $4 AND status = 'started'
-- in SQLite
UPDATE tasks SET status = @status, result = @result, error = @error, ended_at = @now WHERE id = @id AND status = 'started'

-- end notifications, in Postgres (most, ends)
UPDATE notifications AS n
SET run = n.claim + 1, claim = n.claim + 1,
state    = CASE WHEN e."to" = 'pending' AND (e.try IS NOT NULL AND now() + e.wait / 1000 * interval '1 us' > n.expires_at) THEN 'failed' ELSE e."to" END,
due_at   = CASE WHEN e."to" = 'pending' AND NOT (e.try IS NOT NULL AND now() + e.wait / 1000 * interval '1 us' > n.expires_at) THEN now() + e.wait / 1000 * interval '1 us' END,
ended_at = CASE WHEN e."to" <> 'pending' OR (e.try IS NOT NULL AND now() + e.wait / 1000 * interval '1 us' > n.expires_at) THEN now() END,
attempt  = n.attempt + CASE WHEN e.try IS NULL THEN 0 ELSE 1 END,
tries    = CASE WHEN e.try IS NULL THEN n.tries ELSE CASE WHEN jsonb_array_length(n.tries) >= $1 THEN n.tries - 0 ELSE n.tries END || jsonb_build_array(e.try || jsonb_build_object('at', now())) END
FROM json_to_recordset($2) AS e (id uuid, run bigint, "to" text, wait bigint, try jsonb)
WHERE n.id = e.id AND n.run = e.run AND n.due_at IS NOT NULL
RETURNING n.id
-- in SQLite
UPDATE notifications AS n
SET run = n.claim + 1, claim = n.claim + 1,
state    = CASE WHEN e."to" = 'pending' AND (e.try IS NOT NULL AND @now + e.wait / 1000 > n.expires_at) THEN 'failed' ELSE e."to" END,
due_at   = CASE WHEN e."to" = 'pending' AND NOT (e.try IS NOT NULL AND @now + e.wait / 1000 > n.expires_at) THEN @now + e.wait / 1000 END,
ended_at = CASE WHEN e."to" <> 'pending' OR (e.try IS NOT NULL AND @now + e.wait / 1000 > n.expires_at) THEN @now END,
attempt  = n.attempt + CASE WHEN e.try IS NULL THEN 0 ELSE 1 END,
tries    = CASE WHEN e.try IS NULL THEN n.tries ELSE json_insert(CASE WHEN json_array_length(n.tries) >= @most THEN json_remove(n.tries, '$[0]') ELSE n.tries END,
'$[#]', json_set(e.try, '$.at', strftime('%Y-%m-%dT%H:%M:%fZ', @now / 1e6, 'unixepoch'))) END
FROM (SELECT value ->> 'id' AS id, value ->> 'run' AS run, value ->> 'to' AS "to", value ->> 'wait' AS wait, nullif(value -> 'try', 'null') AS try FROM json_each(@ends)) AS e
WHERE n.id = e.id AND n.run = e.run AND n.due_at IS NOT NULL
RETURNING id

-- fail analyses, in Postgres (most, wait, ids)
UPDATE video_analytics
SET attempt = attempt + 1,
due_at = CASE WHEN attempt + 1 < $1 THEN now() + $2 * interval '1 us' END,
failed_at = CASE WHEN attempt + 1 >= $1 THEN now() END
WHERE video_id = ANY ($3)
-- in SQLite
UPDATE video_analytics
SET attempt = attempt + 1,
due_at = CASE WHEN attempt + 1 < @most THEN @now + @wait END,
failed_at = CASE WHEN attempt + 1 >= @most THEN @now END
WHERE video_id IN (SELECT value FROM json_each(@ids))

-- find a key, in Postgres (sum)
SELECT k.id, coalesce(k.user_id, '00000000-0000-0000-0000-000000000000'), k.name, k.shown, k.scopes, k.created_at, k.expires_at, k.used_at, k.revoked_at, coalesce(u.email, ''), coalesce(u.role, 'owner')
FROM api_keys k LEFT JOIN users u ON u.id = k.user_id
WHERE k.sum = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()) AND u.deactivated_at IS NULL
-- in SQLite
SELECT k.id, coalesce(k.user_id, '00000000-0000-0000-0000-000000000000'), k.name, k.shown, k.scopes, k.created_at, k.expires_at, k.used_at, k.revoked_at, coalesce(u.email, ''), coalesce(u.role, 'owner')
FROM api_keys k LEFT JOIN users u ON u.id = k.user_id
WHERE k.sum = @sum AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > @now) AND u.deactivated_at IS NULL

-- find a link, in Postgres (sum)
SELECT u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone FROM users u JOIN profiles p ON p.user_id = u.id JOIN links l ON l.user_id = u.id WHERE l.sum = $1 AND l.used_at IS NULL AND l.expires_at > now() AND u.deactivated_at IS NULL
-- in SQLite
SELECT u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone FROM users u JOIN profiles p ON p.user_id = u.id JOIN links l ON l.user_id = u.id WHERE l.sum = @sum AND l.used_at IS NULL AND l.expires_at > @now AND u.deactivated_at IS NULL

-- find a password, in Postgres (key)
SELECT u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone, coalesce((SELECT w.hash FROM passwords w WHERE w.user_id = u.id), '')
FROM users u JOIN profiles p ON p.user_id = u.id WHERE u.email_key = $1 AND u.deactivated_at IS NULL
-- in SQLite
SELECT u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone, coalesce((SELECT w.hash FROM passwords w WHERE w.user_id = u.id), '')
FROM users u JOIN profiles p ON p.user_id = u.id WHERE u.email_key = @key AND u.deactivated_at IS NULL

-- find a user, in Postgres (key)
SELECT u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone FROM users u JOIN profiles p ON p.user_id = u.id WHERE u.email_key = $1
-- in SQLite
SELECT u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone FROM users u JOIN profiles p ON p.user_id = u.id WHERE u.email_key = @key

-- forget a notification secret, in Postgres (user)
DELETE FROM notify_secrets WHERE user_id = $1
-- in SQLite
DELETE FROM notify_secrets WHERE user_id = @user

-- forget a turn, in Postgres (user)
DELETE FROM turns WHERE user_id = $1
-- in SQLite
DELETE FROM turns WHERE user_id = @user

-- forget actions, in Postgres (age, batch)
DELETE FROM job_actions WHERE id = ANY (ARRAY(
SELECT id FROM job_actions WHERE at < now() - $1 * interval '1 us' ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED))
-- in SQLite
DELETE FROM job_actions WHERE id IN (
SELECT id FROM job_actions WHERE at < @now - @age ORDER BY at LIMIT @batch )

-- forget alerts, in Postgres (life)
DELETE FROM alerts WHERE ended_at < now() - $1 * interval '1 us'
-- in SQLite
DELETE FROM alerts WHERE ended_at < @now - @life

-- forget an endpoint, in Postgres (id)
DELETE FROM heygen_endpoints WHERE id = $1
-- in SQLite
DELETE FROM heygen_endpoints WHERE id = @id

-- forget keys, in Postgres ()
DELETE FROM idempotency_keys WHERE expires_at < now()
-- in SQLite
DELETE FROM idempotency_keys WHERE expires_at < @now

-- forget limits, in Postgres (user)
DELETE FROM limits WHERE user_id = $1
-- in SQLite
DELETE FROM limits WHERE user_id = @user

-- forget notifications, in Postgres (age, batch)
DELETE FROM notifications WHERE id = ANY (ARRAY(
SELECT id FROM notifications WHERE ended_at < now() - $1 * interval '1 us' ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED))
-- in SQLite
DELETE FROM notifications WHERE id IN (
SELECT id FROM notifications WHERE ended_at < @now - @age ORDER BY ended_at LIMIT @batch )

-- forget refusals, in Postgres ()
UPDATE admission SET streak = streak - 'kind' - 'videos' WHERE streak ->> 'kind' IS NOT NULL
-- in SQLite
UPDATE admission SET streak = json_remove(streak, '$.kind', '$.videos') WHERE streak ->> '$.kind' IS NOT NULL

-- forget tasks, in Postgres (life)
DELETE FROM tasks WHERE started_at < now() - $1 * interval '1 us' AND (status <> 'started' OR lease_until < now())
-- in SQLite
DELETE FROM tasks WHERE started_at < @now - @life AND (status <> 'started' OR lease_until < @now)

-- free admitted videos, in Postgres ()
UPDATE videos
SET slot = false, run = claim + 1, claim = claim + 1, lease_until = NULL,
due_at = coalesce((SELECT until FROM admission WHERE state = 'paused'), now())
WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE active AND slot AND state = 'queued' FOR UPDATE SKIP LOCKED))
-- in SQLite
UPDATE videos
SET slot = false, run = claim + 1, claim = claim + 1, lease_until = NULL,
due_at = coalesce((SELECT until FROM admission WHERE state = 'paused'), @now)
WHERE id IN (SELECT id FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND slot AND state = 'queued' )

-- give up, in Postgres (failure, id)
UPDATE videos SET failure = $1 WHERE id = $2 RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos SET failure = @failure WHERE id = @id RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')

-- hint, in Postgres (ids, heygen)
UPDATE videos
SET hinted = true,
due_at = CASE WHEN lease_until > now() OR state = 'submitting' THEN due_at ELSE now() END
WHERE id = ANY ($1::uuid[] || ARRAY(SELECT id FROM videos WHERE active AND heygen_id = ANY ($2)))
AND (state IN ('submitting', 'rendering') OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled')))
AND (SELECT set_config('synchronous_commit', 'off', true)) = 'off'
-- in SQLite
UPDATE videos
SET hinted = true,
due_at = CASE WHEN lease_until > @now OR state = 'submitting' THEN due_at ELSE @now END
WHERE id IN (
SELECT id FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND heygen_id IN (SELECT value FROM json_each(@heygen)) UNION ALL SELECT value FROM json_each(@ids))
AND (state IN ('submitting', 'rendering') OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled')))

-- hold, in Postgres (pairs, lease)
WITH held AS (
SELECT v.id, claim FROM json_to_recordset($1) AS c (video uuid, number bigint) JOIN videos v ON v.id = c.video AND v.claim = c.number AND v.run < c.number AND v.due_at IS NOT NULL
), free AS (
SELECT v.id, claim FROM json_to_recordset($1) AS c (video uuid, number bigint) JOIN videos v ON v.id = c.video AND v.claim = c.number AND v.run < c.number AND v.due_at IS NOT NULL FOR NO KEY UPDATE OF v SKIP LOCKED
), kept AS (
UPDATE videos v SET due_at = now() + $2 * interval '1 us' FROM free WHERE v.id = free.id
)
SELECT * FROM free
UNION ALL
SELECT * FROM held WHERE id NOT IN (SELECT id FROM free)
-- in SQLite
UPDATE videos AS v SET due_at = @now + @lease FROM (SELECT value ->> 'video' AS video, value ->> 'number' AS number FROM json_each(@pairs)) AS c WHERE v.id = c.video AND v.claim = c.number AND v.run < c.number AND v.due_at IS NOT NULL RETURNING id, claim

-- keep a notification secret, in Postgres (user, secret)
INSERT INTO notify_secrets (user_id, secret, made_at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING
-- in SQLite
INSERT INTO notify_secrets (user_id, secret, made_at) VALUES (@user, @secret, @now) ON CONFLICT DO NOTHING

-- keep a round, in Postgres (memory, round)
UPDATE watch SET memory = $1 WHERE round = $2
-- in SQLite
UPDATE watch SET memory = @memory WHERE round = @round

-- keep a secret, in Postgres (key, value)
INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING
-- in SQLite
INSERT INTO meta (key, value) VALUES (@key, @value) ON CONFLICT (key) DO NOTHING

-- keep alerts, in Postgres (alerts)
INSERT INTO alerts (id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error)
SELECT id, rule, subject, summary, (timestamptz 'epoch' + since * interval '1 us'), (timestamptz 'epoch' + ended * interval '1 us'), (timestamptz 'epoch' + start_sent * interval '1 us'), (timestamptz 'epoch' + end_sent * interval '1 us'), send_error
FROM json_to_recordset($1) AS a (id uuid, rule text, subject text, summary text, since bigint, ended bigint, start_sent bigint, end_sent bigint, send_error text)
WHERE true
ON CONFLICT (id) DO UPDATE SET summary = excluded.summary, ended_at = excluded.ended_at,
start_sent_at = excluded.start_sent_at, end_sent_at = excluded.end_sent_at, send_error = excluded.send_error
-- in SQLite
INSERT INTO alerts (id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error)
SELECT id, rule, subject, summary, since, ended, start_sent, end_sent, send_error
FROM (SELECT value ->> 'id' AS id, value ->> 'rule' AS rule, value ->> 'subject' AS subject, value ->> 'summary' AS summary, value ->> 'since' AS since, value ->> 'ended' AS ended, value ->> 'start_sent' AS start_sent, value ->> 'end_sent' AS end_sent, value ->> 'send_error' AS send_error FROM json_each(@alerts)) AS a
WHERE true
ON CONFLICT (id) DO UPDATE SET summary = excluded.summary, ended_at = excluded.ended_at,
start_sent_at = excluded.start_sent_at, end_sent_at = excluded.end_sent_at, send_error = excluded.send_error

-- keep an answer, in Postgres (answer, user, key)
UPDATE idempotency_keys SET answer = $1 WHERE user_id = $2 AND key = $3
-- in SQLite
UPDATE idempotency_keys SET answer = @answer WHERE user_id = @user AND key = @key

-- keep an endpoint, in Postgres (id, url, secret)
INSERT INTO heygen_endpoints (id, url, secret, created_at) VALUES ($1, $2, $3, now())
ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, created_at = excluded.created_at
-- in SQLite
INSERT INTO heygen_endpoints (id, url, secret, created_at) VALUES (@id, @url, @secret, @now)
ON CONFLICT (id) DO UPDATE SET url = excluded.url, secret = excluded.secret, created_at = excluded.created_at

-- keep refusals, in Postgres (streak)
UPDATE admission SET streak = $1
-- in SQLite
UPDATE admission SET streak = @streak

-- leave the videos, in Postgres (owner, user)
UPDATE videos SET user_id = $1 WHERE user_id = $2
-- in SQLite
UPDATE videos SET user_id = @owner WHERE user_id = @user

-- list actions, in Postgres (n)
SELECT at, who, request_id, action, job, video_id, outcome FROM job_actions ORDER BY id DESC LIMIT $1
-- in SQLite
SELECT at, who, request_id, action, job, video_id, outcome FROM job_actions ORDER BY id DESC LIMIT @n

-- list actions, in Postgres (job, n)
SELECT at, who, request_id, action, job, video_id, outcome FROM job_actions WHERE job = $1 ORDER BY id DESC LIMIT $2
-- in SQLite
SELECT at, who, request_id, action, job, video_id, outcome FROM job_actions WHERE job = @job ORDER BY id DESC LIMIT @n

-- list jobs, in Postgres (n)
SELECT 'video', v.id, v.id, v.user_id, v.title, CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> 'step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END,
CASE WHEN v.state IN ('failed', 'cancelled', 'completed') THEN v.state WHEN v.lease_until > now() THEN 'running' ELSE 'waiting' END,
v.attempt, v.failure, coalesce(v.failed_at, v.created_at), CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
WHEN v.sends = 0 THEN 'first_render'
WHEN v.failure ->> 'code' IN ('needs_review', 'given_up') THEN 'review'
ELSE 'new_render' END, length(coalesce(v.request ->> 'script', '')) FROM videos v WHERE v.failed_at IS NOT NULL ORDER BY v.failed_at DESC, v.id DESC LIMIT $1
-- in SQLite
SELECT 'video', v.id, v.id, v.user_id, v.title, CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> '$.step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END,
CASE WHEN v.state IN ('failed', 'cancelled', 'completed') THEN v.state WHEN v.lease_until > @now THEN 'running' ELSE 'waiting' END,
v.attempt, v.failure, coalesce(v.failed_at, v.created_at), CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
WHEN v.sends = 0 THEN 'first_render'
WHEN v.failure ->> '$.code' IN ('needs_review', 'given_up') THEN 'review'
ELSE 'new_render' END, length(coalesce(v.request ->> '$.script', '')) FROM videos v WHERE v.failed_at IS NOT NULL ORDER BY v.failed_at DESC, v.id DESC LIMIT @n

-- list jobs, in Postgres (step, user, n)
SELECT 'video', v.id, v.id, v.user_id, v.title, CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> 'step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END,
CASE WHEN v.state IN ('failed', 'cancelled', 'completed') THEN v.state WHEN v.lease_until > now() THEN 'running' ELSE 'waiting' END,
v.attempt, v.failure, coalesce(v.failed_at, v.created_at), CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
WHEN v.sends = 0 THEN 'first_render'
WHEN v.failure ->> 'code' IN ('needs_review', 'given_up') THEN 'review'
ELSE 'new_render' END, length(coalesce(v.request ->> 'script', '')) FROM videos v WHERE (v.waiting OR v.active) AND v.state NOT IN ('failed', 'cancelled') AND v.lease_until > now() AND CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> 'step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END = $1 AND v.user_id = $2 ORDER BY v.id DESC LIMIT $3
-- in SQLite
SELECT 'video', v.id, v.id, v.user_id, v.title, CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> '$.step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END,
CASE WHEN v.state IN ('failed', 'cancelled', 'completed') THEN v.state WHEN v.lease_until > @now THEN 'running' ELSE 'waiting' END,
v.attempt, v.failure, coalesce(v.failed_at, v.created_at), CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
WHEN v.sends = 0 THEN 'first_render'
WHEN v.failure ->> '$.code' IN ('needs_review', 'given_up') THEN 'review'
ELSE 'new_render' END, length(coalesce(v.request ->> '$.script', '')) FROM videos v WHERE (v.state IN ('queued', 'submitting', 'rendering', 'downloading')) AND v.lease_until > @now AND CASE WHEN v.failure IS NOT NULL THEN coalesce(v.failure ->> '$.step', '')
WHEN v.state IN ('queued', 'submitting') THEN 'create' WHEN v.state = 'downloading' THEN 'download' ELSE 'poll' END = @step AND v.user_id = @user ORDER BY v.id DESC LIMIT @n

-- list jobs, in Postgres (n)
SELECT 'analysis', v.id, v.id, v.user_id, v.title, '',
CASE WHEN a.failed_at IS NOT NULL THEN 'failed' WHEN a.due_at IS NULL THEN 'completed' ELSE 'waiting' END,
a.attempt, CASE WHEN a.failed_at IS NOT NULL THEN jsonb_build_object('code', 'not_measured', 'message', format('given up after %s attempts', a.attempt)) END,
coalesce(a.failed_at, v.created_at), CASE WHEN a.failed_at IS NOT NULL THEN 'again' ELSE '' END, 0 FROM video_analytics a JOIN videos v ON v.id = a.video_id WHERE a.failed_at IS NOT NULL ORDER BY a.failed_at DESC, a.video_id DESC LIMIT $1
-- in SQLite
SELECT 'analysis', v.id, v.id, v.user_id, v.title, '',
CASE WHEN a.failed_at IS NOT NULL THEN 'failed' WHEN a.due_at IS NULL THEN 'completed' ELSE 'waiting' END,
a.attempt, CASE WHEN a.failed_at IS NOT NULL THEN json_object('code', 'not_measured', 'message', format('given up after %s attempts', a.attempt)) END,
coalesce(a.failed_at, v.created_at), CASE WHEN a.failed_at IS NOT NULL THEN 'again' ELSE '' END, 0 FROM video_analytics a JOIN videos v ON v.id = a.video_id WHERE a.failed_at IS NOT NULL ORDER BY a.failed_at DESC, a.video_id DESC LIMIT @n

-- list jobs, in Postgres (n)
SELECT 'notification', n.id, v.id, v.user_id, v.title, '',
CASE n.state WHEN 'failed' THEN 'failed' WHEN 'delivered' THEN 'completed' ELSE 'waiting' END, n.attempt,
CASE WHEN n.state = 'failed' THEN jsonb_build_object('code', 'not_delivered', 'message', coalesce(n.tries -> -1 ->> 'error', '')) END,
coalesce(n.ended_at, n.created_at), CASE n.state WHEN 'failed' THEN 'again' ELSE '' END, 0 FROM notifications n JOIN videos v ON v.id = n.video_id WHERE n.state = 'failed' ORDER BY n.ended_at DESC, n.id DESC LIMIT $1
-- in SQLite
SELECT 'notification', n.id, v.id, v.user_id, v.title, '',
CASE n.state WHEN 'failed' THEN 'failed' WHEN 'delivered' THEN 'completed' ELSE 'waiting' END, n.attempt,
CASE WHEN n.state = 'failed' THEN json_object('code', 'not_delivered', 'message', coalesce(n.tries ->> '$[#-1].error', '')) END,
coalesce(n.ended_at, n.created_at), CASE n.state WHEN 'failed' THEN 'again' ELSE '' END, 0 FROM notifications n JOIN videos v ON v.id = n.video_id WHERE n.state = 'failed' ORDER BY n.ended_at DESC, n.id DESC LIMIT @n

-- list keys, in Postgres (all, viewer, most)
SELECT k.id, coalesce(k.user_id, '00000000-0000-0000-0000-000000000000'), k.name, k.shown, k.scopes, k.created_at, k.expires_at, k.used_at, k.revoked_at FROM api_keys k WHERE ($1 OR coalesce(CAST(k.user_id AS text), 'default') = $2) ORDER BY k.id DESC LIMIT $3
-- in SQLite
SELECT k.id, coalesce(k.user_id, '00000000-0000-0000-0000-000000000000'), k.name, k.shown, k.scopes, k.created_at, k.expires_at, k.used_at, k.revoked_at FROM api_keys k WHERE (@all OR coalesce(CAST(k.user_id AS text), 'default') = @viewer) ORDER BY k.id DESC LIMIT @most

-- list notifications, in Postgres (video, all, viewer)
SELECT id, video_id, event, url, state, attempt, tries, created_at, due_at, expires_at FROM notifications WHERE video_id = $1 AND ($2 OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = $3)) ORDER BY created_at, id
-- in SQLite
SELECT id, video_id, event, url, state, attempt, tries, created_at, due_at, expires_at FROM notifications WHERE video_id = @video AND (@all OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = @viewer)) ORDER BY created_at, id

-- list shares, in Postgres (video)
SELECT user_id, at FROM shares WHERE video_id = $1 ORDER BY at, user_id
-- in SQLite
SELECT user_id, at FROM shares WHERE video_id = @video ORDER BY at, user_id

-- list tasks, in Postgres (all, viewer, most)
SELECT id, user_id, started_by, request_id, kind, about,
CASE WHEN status = 'started' AND lease_until < now() THEN 'failed' ELSE status END, result,
CASE WHEN status = 'started' AND lease_until < now() THEN 'the process that ran it has ended without a result; start it again' ELSE error END, started_at,
CASE WHEN status = 'started' AND lease_until < now() THEN lease_until ELSE ended_at END FROM tasks WHERE ($1 OR user_id = $2) ORDER BY id DESC LIMIT $3
-- in SQLite
SELECT id, user_id, started_by, request_id, kind, about,
CASE WHEN status = 'started' AND lease_until < @now THEN 'failed' ELSE status END, result,
CASE WHEN status = 'started' AND lease_until < @now THEN 'the process that ran it has ended without a result; start it again' ELSE error END, started_at,
CASE WHEN status = 'started' AND lease_until < @now THEN lease_until ELSE ended_at END FROM tasks WHERE (@all OR user_id = @viewer) ORDER BY id DESC LIMIT @most

-- list videos, in Postgres (viewer, viewer_id, size, skip)
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE user_id = $1 UNION ALL SELECT s.video_id FROM shares s WHERE s.user_id = $2 ORDER BY 1 DESC LIMIT $3 OFFSET $4)) ORDER BY id DESC
-- in SQLite
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE id IN (SELECT id FROM videos WHERE user_id = @viewer UNION ALL SELECT s.video_id FROM shares s WHERE s.user_id = @viewer_id ORDER BY 1 DESC LIMIT @size OFFSET @skip) ORDER BY id DESC

-- list videos, in Postgres (size, skip)
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE true ORDER BY id DESC LIMIT $1 OFFSET $2
-- in SQLite
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE true ORDER BY id DESC LIMIT @size OFFSET @skip

-- list videos, in Postgres (viewer, user, state, size, skip)
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE user_id = $1 AND user_id = $2 AND id IN (SELECT id FROM videos WHERE state = $3 AND waiting
UNION ALL SELECT id FROM videos WHERE state = $3 AND active) ORDER BY 1 DESC LIMIT $4 OFFSET $5)) ORDER BY id DESC
-- in SQLite
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE id IN (SELECT id FROM videos WHERE user_id = @viewer AND user_id = @user AND id IN (SELECT id FROM videos WHERE state = @state AND state = 'queued' AND NOT slot
UNION ALL SELECT id FROM videos WHERE state = @state AND (slot OR (due_at IS NOT NULL AND state <> 'queued'))) ORDER BY 1 DESC LIMIT @size OFFSET @skip) ORDER BY id DESC

-- list videos, in Postgres (user, state, size, skip)
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE true AND user_id = $1 AND id IN (SELECT id FROM videos WHERE state = $2 AND waiting
UNION ALL SELECT id FROM videos WHERE state = $2 AND active) ORDER BY id DESC LIMIT $3 OFFSET $4
-- in SQLite
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE true AND user_id = @user AND id IN (SELECT id FROM videos WHERE state = @state AND state = 'queued' AND NOT slot
UNION ALL SELECT id FROM videos WHERE state = @state AND (slot OR (due_at IS NOT NULL AND state <> 'queued'))) ORDER BY id DESC LIMIT @size OFFSET @skip

-- list videos, in Postgres (viewer, state, viewer_id, size, skip)
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE user_id = $1 AND ended_as = $2 AND ended_as IS NOT NULL UNION ALL SELECT s.video_id FROM shares s WHERE s.user_id = $3 AND EXISTS (SELECT 1 FROM videos WHERE id = s.video_id AND ended_as = $2 AND ended_as IS NOT NULL) ORDER BY 1 DESC LIMIT $4 OFFSET $5)) ORDER BY id DESC
-- in SQLite
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE id IN (SELECT id FROM videos WHERE user_id = @viewer AND state = @state AND state IN ('completed', 'failed', 'cancelled') UNION ALL SELECT s.video_id FROM shares s WHERE s.user_id = @viewer_id AND EXISTS (SELECT 1 FROM videos WHERE id = s.video_id AND state = @state AND state IN ('completed', 'failed', 'cancelled')) ORDER BY 1 DESC LIMIT @size OFFSET @skip) ORDER BY id DESC

-- list videos, in Postgres (state, size, skip)
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE true AND ended_as = $1 AND ended_as IS NOT NULL ORDER BY id DESC LIMIT $2 OFFSET $3
-- in SQLite
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE true AND state = @state AND state IN ('completed', 'failed', 'cancelled') ORDER BY id DESC LIMIT @size OFFSET @skip

-- lock a render, in Postgres (heygen)
SELECT pg_advisory_xact_lock(hashtextextended($1, hashtextextended('heyq adoption in ' || current_schema(), 0)))
-- in SQLite


-- lock a user, in Postgres (id)
SELECT u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone FROM users u JOIN profiles p ON p.user_id = u.id WHERE u.id = $1 FOR UPDATE
-- in SQLite
SELECT u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone FROM users u JOIN profiles p ON p.user_id = u.id WHERE u.id = @id

-- lock a video, in Postgres (id, all, viewer)
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE id = $1 AND ($2 OR user_id = $3) FOR UPDATE
-- in SQLite
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE id = @id AND (@all OR user_id = @viewer)

-- lock admission, in Postgres ()
SELECT pg_advisory_xact_lock(hashtextextended('heyq admission in ' || current_schema(), 0))
-- in SQLite


-- lock analyses, in Postgres (picks)
SELECT a.video_id, a.video_id, p.way FROM json_to_recordset($1) AS p (id uuid, way text) JOIN video_analytics a ON a.video_id = p.id
WHERE a.failed_at IS NOT NULL AND p.way = 'again'
ORDER BY a.video_id FOR UPDATE OF a SKIP LOCKED
-- in SQLite
SELECT a.video_id, a.video_id, p.way FROM (SELECT value ->> 'id' AS id, value ->> 'way' AS way FROM json_each(@picks)) AS p JOIN video_analytics a ON a.video_id = p.id
WHERE a.failed_at IS NOT NULL AND p.way = 'again'
ORDER BY a.video_id

-- lock notifications, in Postgres (picks)
SELECT n.id, n.video_id, p.way FROM json_to_recordset($1) AS p (id uuid, way text) JOIN notifications n ON n.id = p.id
WHERE n.state = 'failed' AND p.way = 'again'
ORDER BY n.id FOR UPDATE OF n SKIP LOCKED
-- in SQLite
SELECT n.id, n.video_id, p.way FROM (SELECT value ->> 'id' AS id, value ->> 'way' AS way FROM json_each(@picks)) AS p JOIN notifications n ON n.id = p.id
WHERE n.state = 'failed' AND p.way = 'again'
ORDER BY n.id

-- lock old videos, in Postgres (ids)
SELECT v.id, coalesce(v.media_prefix, '') FROM videos v WHERE v.id = ANY ($1) AND v.user_id = 'heyq:departed' AND v.due_at IS NULL
AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted)) ORDER BY v.id FOR UPDATE SKIP LOCKED
-- in SQLite
SELECT v.id, coalesce(v.media_prefix, '') FROM videos v WHERE v.id IN (SELECT value FROM json_each(@ids)) AND v.user_id = 'heyq:departed' AND v.due_at IS NULL
AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted)) ORDER BY v.id

-- lock old videos, in Postgres (ids, completed, copies, failed, cancelled)
SELECT v.id, coalesce(v.media_prefix, '') FROM videos v WHERE v.id = ANY ($1) AND v.due_at IS NULL AND (
CAST($2 AS bigint) > 0 AND v.state = 'completed' AND v.completed_at <= now() - $2 * interval '1 us'
AND (NOT $3 OR v.heygen_id IS NULL OR v.heygen_deleted_at IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted))
OR CAST($4 AS bigint) > 0 AND v.state = 'failed' AND v.failed_at <= now() - $4 * interval '1 us' AND v.failure ->> 'code' <> 'needs_review'
OR CAST($5 AS bigint) > 0 AND v.state = 'cancelled' AND moment(timeline -> -1 ->> 'at') <= now() - $5 * interval '1 us')
AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.video_id = v.id AND n.state = 'pending') ORDER BY v.id FOR UPDATE SKIP LOCKED
-- in SQLite
SELECT v.id, coalesce(v.media_prefix, '') FROM videos v WHERE v.id IN (SELECT value FROM json_each(@ids)) AND v.due_at IS NULL AND (
CAST(@completed AS bigint) > 0 AND v.state = 'completed' AND v.completed_at <= @now - @completed
AND (NOT @copies OR v.heygen_id IS NULL OR v.heygen_deleted_at IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted))
OR CAST(@failed AS bigint) > 0 AND v.state = 'failed' AND v.failed_at <= @now - @failed AND v.failure ->> '$.code' <> 'needs_review'
OR CAST(@cancelled AS bigint) > 0 AND v.state = 'cancelled' AND (timeline ->> '$[#-1].at') <= @now - @cancelled)
AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.video_id = v.id AND n.state = 'pending') ORDER BY v.id

-- lock old videos, in Postgres (ids, files)
SELECT v.id, coalesce(v.media_prefix, '') FROM videos v WHERE v.id = ANY ($1) AND CAST($2 AS bigint) > 0 AND v.state = 'completed' AND v.media_prefix IS NOT NULL AND v.completed_at <= now() - $2 * interval '1 us' ORDER BY v.id FOR UPDATE SKIP LOCKED
-- in SQLite
SELECT v.id, coalesce(v.media_prefix, '') FROM videos v WHERE v.id IN (SELECT value FROM json_each(@ids)) AND CAST(@files AS bigint) > 0 AND v.state = 'completed' AND v.media_prefix IS NOT NULL AND v.completed_at <= @now - @files ORDER BY v.id

-- lock videos, in Postgres (ids)
SELECT id, state FROM videos
WHERE id = ANY ($1) AND state IN ('queued', 'submitting', 'rendering', 'downloading') ORDER BY id FOR UPDATE
-- in SQLite
SELECT id, state FROM videos
WHERE id IN (SELECT value FROM json_each(@ids)) AND state IN ('queued', 'submitting', 'rendering', 'downloading') ORDER BY id

-- lock videos, in Postgres (pairs)
SELECT v.id FROM json_to_recordset($1) AS c (video uuid, number bigint) JOIN videos v ON v.id = c.video WHERE v.run = c.number ORDER BY v.id FOR UPDATE OF v
-- in SQLite
SELECT v.id FROM (SELECT value ->> 'video' AS video, value ->> 'number' AS number FROM json_each(@pairs)) AS c JOIN videos v ON v.id = c.video WHERE v.run = c.number ORDER BY v.id

-- lock videos, in Postgres (picks)
SELECT v.id, v.id, p.way FROM json_to_recordset($1) AS p (id uuid, way text) JOIN videos v ON v.id = p.id
WHERE v.state IN ('failed', 'cancelled') AND CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
WHEN v.sends = 0 THEN 'first_render'
WHEN v.failure ->> 'code' IN ('needs_review', 'given_up') THEN 'review'
ELSE 'new_render' END = p.way
ORDER BY v.id FOR UPDATE OF v SKIP LOCKED
-- in SQLite
SELECT v.id, v.id, p.way FROM (SELECT value ->> 'id' AS id, value ->> 'way' AS way FROM json_each(@picks)) AS p JOIN videos v ON v.id = p.id
WHERE v.state IN ('failed', 'cancelled') AND CASE WHEN v.state NOT IN ('failed', 'cancelled') THEN ''
WHEN v.heygen_id IS NOT NULL AND NOT v.render_dead THEN 'resume'
WHEN v.sends = 0 THEN 'first_render'
WHEN v.failure ->> '$.code' IN ('needs_review', 'given_up') THEN 'review'
ELSE 'new_render' END = p.way
ORDER BY v.id

-- look for HeyGen's copies, in Postgres (age, after, page)
SELECT id, coalesce(heygen_id, ''), state = 'completed' AND file IS NOT NULL AND heygen_id IS NOT NULL
AND heygen_deleted_at IS NULL AND completed_at <= now() - $1 * interval '1 us'
FROM videos WHERE id > $2 ORDER BY id LIMIT $3
-- in SQLite
SELECT id, coalesce(heygen_id, ''), state = 'completed' AND file IS NOT NULL AND heygen_id IS NOT NULL
AND heygen_deleted_at IS NULL AND completed_at <= @now - @age
FROM videos WHERE id > @after ORDER BY id LIMIT @page

-- look for old videos, in Postgres (completed, copies, failed, cancelled, files, after, page)
SELECT v.id, v.due_at IS NULL AND (
CAST($1 AS bigint) > 0 AND v.state = 'completed' AND v.completed_at <= now() - $1 * interval '1 us'
AND (NOT $2 OR v.heygen_id IS NULL OR v.heygen_deleted_at IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted))
OR CAST($3 AS bigint) > 0 AND v.state = 'failed' AND v.failed_at <= now() - $3 * interval '1 us' AND v.failure ->> 'code' <> 'needs_review'
OR CAST($4 AS bigint) > 0 AND v.state = 'cancelled' AND moment(timeline -> -1 ->> 'at') <= now() - $4 * interval '1 us')
AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.video_id = v.id AND n.state = 'pending'), CAST($5 AS bigint) > 0 AND v.state = 'completed' AND v.media_prefix IS NOT NULL AND v.completed_at <= now() - $5 * interval '1 us' FROM videos v WHERE v.id > $6 ORDER BY v.id LIMIT $7
-- in SQLite
SELECT v.id, v.due_at IS NULL AND (
CAST(@completed AS bigint) > 0 AND v.state = 'completed' AND v.completed_at <= @now - @completed
AND (NOT @copies OR v.heygen_id IS NULL OR v.heygen_deleted_at IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted))
OR CAST(@failed AS bigint) > 0 AND v.state = 'failed' AND v.failed_at <= @now - @failed AND v.failure ->> '$.code' <> 'needs_review'
OR CAST(@cancelled AS bigint) > 0 AND v.state = 'cancelled' AND (timeline ->> '$[#-1].at') <= @now - @cancelled)
AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.video_id = v.id AND n.state = 'pending'), CAST(@files AS bigint) > 0 AND v.state = 'completed' AND v.media_prefix IS NOT NULL AND v.completed_at <= @now - @files FROM videos v WHERE v.id > @after ORDER BY v.id LIMIT @page

-- look for stuck videos, in Postgres (bound)
SELECT id, (extract(epoch FROM now() - since) * 1000000)::bigint, count(*) OVER ()
FROM (SELECT id, CASE
WHEN slot AND render_deadline IS NOT NULL AND state NOT IN ('queued', 'submitting') THEN render_deadline + 300000000 * interval '1 us'
WHEN state IN ('submitting', 'downloading') THEN moment(timeline -> -1 ->> 'at') + $1 * interval '1 us' END AS since FROM videos WHERE active) AS v
WHERE since < now() ORDER BY since, id LIMIT 3
-- in SQLite
SELECT id, (@now - since), count(*) OVER ()
FROM (SELECT id, CASE
WHEN slot AND render_deadline IS NOT NULL AND state NOT IN ('queued', 'submitting') THEN render_deadline + 300000000
WHEN state IN ('submitting', 'downloading') THEN (timeline ->> '$[#-1].at') + @bound END AS since FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued'))) AS v
WHERE since < @now ORDER BY since, id LIMIT 3

-- look for videos that are left, in Postgres (after, page)
SELECT v.id, v.state IN ('queued', 'submitting', 'rendering', 'downloading') AND NOT v.cancel_requested, v.user_id = 'heyq:departed' AND v.due_at IS NULL
AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted))
FROM videos v WHERE v.user_id = 'heyq:departed' AND v.id > $1 ORDER BY v.id LIMIT $2
-- in SQLite
SELECT v.id, v.state IN ('queued', 'submitting', 'rendering', 'downloading') AND NOT v.cancel_requested, v.user_id = 'heyq:departed' AND v.due_at IS NULL
AND NOT EXISTS (SELECT 1 FROM video_analytics a WHERE a.video_id = v.id AND (a.due_at IS NOT NULL OR a.completed_at IS NOT NULL AND NOT a.counted))
FROM videos v WHERE v.user_id = 'heyq:departed' AND v.id > @after ORDER BY v.id LIMIT @page

-- look for what is due, in Postgres (among, nothing)
WITH open (at) AS (
SELECT min(due_at) FROM videos WHERE active
UNION ALL SELECT min(due_at) FROM video_analytics WHERE due_at IS NOT NULL
UNION ALL SELECT min(due_at) FROM notifications WHERE due_at IS NOT NULL),
waiting (at) AS (
SELECT CASE WHEN count(*) = CAST($1 AS bigint) THEN now() ELSE min(greatest(due_at, not_before)) END
FROM (SELECT due_at, not_before FROM videos WHERE waiting LIMIT CAST($1 AS bigint)) AS few)
SELECT coalesce((extract(epoch FROM (SELECT min(at) FROM (SELECT at FROM open UNION ALL SELECT at FROM waiting) AS all_of_them) - now()) * 1000000)::bigint, CAST($2 AS bigint)),
EXISTS (SELECT 1 FROM open WHERE at IS NOT NULL)
-- in SQLite
WITH open (at) AS (
SELECT min(due_at) FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued'))
UNION ALL SELECT min(due_at) FROM video_analytics WHERE due_at IS NOT NULL
UNION ALL SELECT min(due_at) FROM notifications WHERE due_at IS NOT NULL),
waiting (at) AS (
SELECT CASE WHEN count(*) = CAST(@among AS bigint) THEN @now ELSE min(max(due_at, not_before)) END
FROM (SELECT due_at, not_before FROM videos WHERE state = 'queued' AND NOT slot LIMIT CAST(@among AS bigint)) AS few)
SELECT coalesce(((SELECT min(at) FROM (SELECT at FROM open UNION ALL SELECT at FROM waiting) AS all_of_them) - @now), CAST(@nothing AS bigint)),
EXISTS (SELECT 1 FROM open WHERE at IS NOT NULL)

-- look what is left, in Postgres (slots)
SELECT state = 'stopped', EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= now())) AND greatest(0, CAST($1 AS bigint) - (
SELECT count(*) FILTER (WHERE NOT (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= now() - 180000000 * interval '1 us'))) + least(count(*) FILTER (WHERE (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= now() - 180000000 * interval '1 us'))), greatest(1, CAST($1 AS bigint) / 2))
FROM videos WHERE slot AND active)) > 0 AND EXISTS (SELECT 1 FROM videos WHERE waiting AND not_before <= now() AND due_at <= now()) FROM admission
-- in SQLite
SELECT state = 'stopped', EXISTS (SELECT 1 FROM admission WHERE state = 'open' OR (state = 'paused' AND until <= @now)) AND max(0, CAST(@slots AS bigint) - (
SELECT count(*) FILTER (WHERE NOT (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= @now - 180000000))) + min(count(*) FILTER (WHERE (state = 'submitting' AND (refusal IS NOT NULL OR attempt >= 3 OR attempt > 0 AND submitted_at <= @now - 180000000))), max(1, CAST(@slots AS bigint) / 2))
FROM videos WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')))) > 0 AND EXISTS (SELECT 1 FROM videos WHERE state = 'queued' AND NOT slot AND not_before <= @now AND due_at <= @now) FROM admission

-- look what moves, in Postgres (first, n, span)
SELECT id, jsonb_array_length(timeline), 1 FROM videos WHERE active
UNION ALL
SELECT id, jsonb_array_length(timeline), 0 FROM (SELECT id, timeline FROM videos WHERE id > $1 ORDER BY id LIMIT $2) AS created
UNION ALL
SELECT id, jsonb_array_length(timeline), 0 FROM (
SELECT id, timeline FROM videos WHERE failed_at > now() - $3 * interval '1 us' AND failed_at IS NOT NULL ORDER BY failed_at DESC LIMIT $2) AS failed
UNION ALL
SELECT v.id, jsonb_array_length(timeline), 0 FROM (
SELECT video_id FROM video_analytics WHERE due_at IS NOT NULL ORDER BY due_at DESC LIMIT $2) AS unmeasured
JOIN videos v ON v.id = video_id
UNION ALL
SELECT v.id, jsonb_array_length(timeline), 0 FROM (
SELECT video_id FROM video_analytics WHERE completed_at > now() - $3 * interval '1 us' AND completed_at IS NOT NULL AND NOT counted
ORDER BY completed_at DESC LIMIT $2) AS measured
JOIN videos v ON v.id = video_id
-- in SQLite
SELECT id, json_array_length(timeline), 1 FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued'))
UNION ALL
SELECT id, json_array_length(timeline), 0 FROM (SELECT id, timeline FROM videos WHERE id > @first ORDER BY id LIMIT @n) AS created
UNION ALL
SELECT id, json_array_length(timeline), 0 FROM (
SELECT id, timeline FROM videos WHERE failed_at > @now - @span AND failed_at IS NOT NULL ORDER BY failed_at DESC LIMIT @n) AS failed
UNION ALL
SELECT v.id, json_array_length(timeline), 0 FROM (
SELECT video_id FROM video_analytics WHERE due_at IS NOT NULL ORDER BY due_at DESC LIMIT @n) AS unmeasured
CROSS JOIN videos v ON v.id = video_id
UNION ALL
SELECT v.id, json_array_length(timeline), 0 FROM (
SELECT video_id FROM video_analytics WHERE completed_at > @now - @span AND completed_at IS NOT NULL AND NOT counted
ORDER BY completed_at DESC LIMIT @n) AS measured
CROSS JOIN videos v ON v.id = video_id

-- look whose a render is, in Postgres (heygen, id)
SELECT id FROM videos WHERE active AND heygen_id = $1 AND id <> $2
UNION ALL
SELECT id FROM videos WHERE heygen_id IS NOT NULL AND NOT active AND heygen_id = $1 AND id <> $2
LIMIT 1
-- in SQLite
SELECT id FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND heygen_id = @heygen AND id <> @id
UNION ALL
SELECT id FROM videos WHERE heygen_id IS NOT NULL AND state IN ('completed', 'failed', 'cancelled') AND heygen_id = @heygen AND id <> @id
LIMIT 1

-- look whose an e-mail is, in Postgres (key, id)
SELECT id FROM users WHERE email_key = $1 AND id <> $2
-- in SQLite
SELECT id FROM users WHERE email_key = @key AND id <> @id

-- measure, in Postgres (ids)
INSERT INTO video_analytics (video_id, due_at)
SELECT id, now() FROM videos WHERE id = ANY ($1) AND state = 'completed' AND completed_at = now()
ON CONFLICT (video_id) DO UPDATE SET due_at = now(), attempt = 0, counted = false
-- in SQLite
INSERT INTO video_analytics (video_id, due_at)
SELECT id, @now FROM videos WHERE id IN (SELECT value FROM json_each(@ids)) AND state = 'completed' AND completed_at = @now
ON CONFLICT (video_id) DO UPDATE SET due_at = @now, attempt = 0, counted = false

-- measure, in Postgres (id)
INSERT INTO video_analytics (video_id, due_at) VALUES ($1, now())
ON CONFLICT (video_id) DO UPDATE SET due_at = now(), attempt = 0
-- in SQLite
INSERT INTO video_analytics (video_id, due_at) VALUES (@id, @now)
ON CONFLICT (video_id) DO UPDATE SET due_at = @now, attempt = 0

-- note a probe, in Postgres (id, wait)
UPDATE admission SET probe = $1, probe_at = now() + $2 * interval '1 us'
-- in SQLite
UPDATE admission SET probe = @id, probe_at = @now + @wait

-- note that the database was set back, in Postgres ()
INSERT INTO meta (key, value) VALUES ('set_back', CAST((extract(epoch FROM now()) * 1000000)::bigint AS text)) ON CONFLICT (key) DO UPDATE SET value = excluded.value
-- in SQLite
INSERT INTO meta (key, value) VALUES ('set_back', CAST((@now) AS text)) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- note the epoch, in Postgres (epoch, moved)
UPDATE meta SET value = $1 WHERE key = 'redis_epoch' AND (value <> $1 OR $2)
-- in SQLite
UPDATE meta SET value = @epoch WHERE key = 'redis_epoch' AND (value <> @epoch OR @moved)

-- note the installation, in Postgres (key, value)
INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value
-- in SQLite
INSERT INTO meta (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- note the use of a key, in Postgres (id)
UPDATE api_keys SET used_at = now() WHERE id = $1 AND (used_at IS NULL OR used_at <= now() - 60000000 * interval '1 us')
-- in SQLite
UPDATE api_keys SET used_at = @now WHERE id = @id AND (used_at IS NULL OR used_at <= @now - 60000000)

-- note what HeyGen deleted, in Postgres (id)
UPDATE videos SET heygen_deleted_at = now() WHERE id = $1 AND state = 'completed' AND heygen_deleted_at IS NULL
-- in SQLite
UPDATE videos SET heygen_deleted_at = @now WHERE id = @id AND state = 'completed' AND heygen_deleted_at IS NULL

-- open by proof, in Postgres (rendered, taken, proofs)
WITH opened AS (
UPDATE admission AS a
SET state = 'open', reason = '', until = NULL, closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0, streak = jsonb_strip_nulls(jsonb_build_object('passed', a.streak ->> 'closed'))
WHERE a.state = 'stopped'
AND EXISTS (SELECT 1 FROM videos v
WHERE CASE a.proof
WHEN 'render' THEN v.id = ANY ($1) AND v.accepted_at IS NOT NULL AND (a.closed_at IS NULL OR v.accepted_at > a.closed_at)
ELSE v.id = ANY ($2) AND v.sent_at IS NOT NULL AND (a.closed_at IS NULL OR v.sent_at > a.closed_at)
AND (a.proof = 'answer' OR v.sends = 1 OR v.id = a.probe) END
AND v.id = ANY ($3)) RETURNING true) UPDATE videos SET due_at = now() WHERE waiting AND not_before <= now() AND due_at > now() AND EXISTS (SELECT 1 FROM opened)
-- in SQLite
UPDATE admission AS a
SET state = 'open', reason = '', until = NULL, closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0, streak = json_patch('{}', json_object('passed', a.streak ->> 'closed'))
WHERE a.state = 'stopped'
AND EXISTS (SELECT 1 FROM videos v
WHERE CASE a.proof
WHEN 'render' THEN v.id IN (SELECT value FROM json_each(@rendered)) AND v.accepted_at IS NOT NULL AND (a.closed_at IS NULL OR v.accepted_at > a.closed_at)
ELSE v.id IN (SELECT value FROM json_each(@taken)) AND v.sent_at IS NOT NULL AND (a.closed_at IS NULL OR v.sent_at > a.closed_at)
AND (a.proof = 'answer' OR v.sends = 1 OR v.id = a.probe) END
AND v.id IN (SELECT value FROM json_each(@proofs)))

-- pause admission, in Postgres (reason)
UPDATE admission SET state = 'paused', reason = $1, until = NULL
-- in SQLite
UPDATE admission SET state = 'paused', reason = @reason, until = NULL

-- pause admission, in Postgres (reason, for)
UPDATE admission
SET state = 'paused', reason = $1, until = greatest(coalesce(until, now()), now() + $2 * interval '1 us')
WHERE (state = 'open' OR (state = 'paused' AND until IS NOT NULL))
-- in SQLite
UPDATE admission
SET state = 'paused', reason = @reason, until = max(coalesce(until, @now), @now + @for)
WHERE (state = 'open' OR (state = 'paused' AND until IS NOT NULL))

-- ping, in Postgres ()
SELECT 1
-- in SQLite
SELECT 1

-- plan once, in Postgres ()
SELECT set_config('plan_cache_mode', 'force_generic_plan', true)
-- in SQLite


-- read a key, in Postgres (id, all, viewer)
SELECT k.id, coalesce(k.user_id, '00000000-0000-0000-0000-000000000000'), k.name, k.shown, k.scopes, k.created_at, k.expires_at, k.used_at, k.revoked_at FROM api_keys k WHERE k.id = $1 AND ($2 OR coalesce(CAST(k.user_id AS text), 'default') = $3)
-- in SQLite
SELECT k.id, coalesce(k.user_id, '00000000-0000-0000-0000-000000000000'), k.name, k.shown, k.scopes, k.created_at, k.expires_at, k.used_at, k.revoked_at FROM api_keys k WHERE k.id = @id AND (@all OR coalesce(CAST(k.user_id AS text), 'default') = @viewer)

-- read a link, in Postgres (user)
SELECT l.user_id, l.kind, l.expires_at FROM links l WHERE l.user_id = $1
-- in SQLite
SELECT l.user_id, l.kind, l.expires_at FROM links l WHERE l.user_id = @user

-- read a notification, in Postgres (id, all, viewer)
SELECT id, video_id, event, url, state, attempt, tries, created_at, due_at, expires_at FROM notifications WHERE id = $1 AND ($2 OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = $3))
-- in SQLite
SELECT id, video_id, event, url, state, attempt, tries, created_at, due_at, expires_at FROM notifications WHERE id = @id AND (@all OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = @viewer))

-- read a notification secret, in Postgres (user)
SELECT secret, made_at, coalesce(CASE WHEN until > now() THEN former END, ''), CASE WHEN until > now() THEN until END
FROM notify_secrets WHERE user_id = $1
-- in SQLite
SELECT secret, made_at, coalesce(CASE WHEN until > @now THEN former END, ''), CASE WHEN until > @now THEN until END
FROM notify_secrets WHERE user_id = @user

-- read a secret, in Postgres (key)
SELECT value FROM meta WHERE key = $1
-- in SQLite
SELECT value FROM meta WHERE key = @key

-- read a task, in Postgres (id, all, viewer)
SELECT id, user_id, started_by, request_id, kind, about,
CASE WHEN status = 'started' AND lease_until < now() THEN 'failed' ELSE status END, result,
CASE WHEN status = 'started' AND lease_until < now() THEN 'the process that ran it has ended without a result; start it again' ELSE error END, started_at,
CASE WHEN status = 'started' AND lease_until < now() THEN lease_until ELSE ended_at END FROM tasks WHERE id = $1 AND ($2 OR user_id = $3)
-- in SQLite
SELECT id, user_id, started_by, request_id, kind, about,
CASE WHEN status = 'started' AND lease_until < @now THEN 'failed' ELSE status END, result,
CASE WHEN status = 'started' AND lease_until < @now THEN 'the process that ran it has ended without a result; start it again' ELSE error END, started_at,
CASE WHEN status = 'started' AND lease_until < @now THEN lease_until ELSE ended_at END FROM tasks WHERE id = @id AND (@all OR user_id = @viewer)

-- read a title, in Postgres (place, age)
SELECT heygen_id, title FROM titles WHERE place = $1 AND heygen_id <> '' AND seen_at > now() - $2 * interval '1 us'
-- in SQLite
SELECT heygen_id, title FROM titles WHERE place = @place AND heygen_id <> '' AND seen_at > @now - @age

-- read a user, in Postgres (id)
SELECT u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone FROM users u JOIN profiles p ON p.user_id = u.id WHERE u.id = $1
-- in SQLite
SELECT u.id, u.email, u.role, u.created_at, u.updated_at, u.deactivated_at, (SELECT w.set_at FROM passwords w WHERE w.user_id = u.id),
p.first_name, p.last_name, p.bio, p.avatar_url, p.time_zone FROM users u JOIN profiles p ON p.user_id = u.id WHERE u.id = @id

-- read admission, in Postgres ()
SELECT streak FROM admission FOR UPDATE
-- in SQLite
SELECT streak FROM admission

-- read admission, in Postgres ()
SELECT CASE WHEN state = 'paused' AND until <= now() THEN 'open' ELSE state END,
CASE WHEN state = 'paused' AND until <= now() THEN '' ELSE reason END,
CASE WHEN state = 'paused' AND until > now() THEN until END
FROM admission
-- in SQLite
SELECT CASE WHEN state = 'paused' AND until <= @now THEN 'open' ELSE state END,
CASE WHEN state = 'paused' AND until <= @now THEN '' ELSE reason END,
CASE WHEN state = 'paused' AND until > @now THEN until END
FROM admission

-- read alerts, in Postgres ()
SELECT id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error FROM alerts WHERE end_sent_at IS NULL ORDER BY since, id
-- in SQLite
SELECT id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error FROM alerts WHERE end_sent_at IS NULL ORDER BY since, id

-- read alerts, in Postgres ()
SELECT id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error FROM alerts WHERE ended_at IS NULL ORDER BY since DESC, id DESC
-- in SQLite
SELECT id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error FROM alerts WHERE ended_at IS NULL ORDER BY since DESC, id DESC

-- read alerts, in Postgres (n)
SELECT id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error FROM alerts WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT $1
-- in SQLite
SELECT id, rule, subject, summary, since, ended_at, start_sent_at, end_sent_at, send_error FROM alerts WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT @n

-- read an answer, in Postgres (user, key)
SELECT sum, answer FROM idempotency_keys WHERE user_id = $1 AND key = $2
-- in SQLite
SELECT sum, answer FROM idempotency_keys WHERE user_id = @user AND key = @key

-- read daily totals, in Postgres (from, to)
SELECT day::text, user_id, template, videos, duration, bytes, CAST(price AS double precision), render_time
FROM daily_totals WHERE day >= $1::text::date AND day < $2::text::date ORDER BY day, user_id, template
-- in SQLite
SELECT day, user_id, template, videos, duration, bytes, CAST(price AS double precision), render_time
FROM daily_totals WHERE day >= @from AND day < @to ORDER BY day, user_id, template

-- read hints, in Postgres ()

-- in SQLite
SELECT id FROM videos WHERE hinted AND id IN (SELECT video FROM (SELECT value ->> 'video' AS video, value ->> 'number' AS number FROM json_each(@pairs)) AS c)

-- read histories, in Postgres (ids)
SELECT id, user_id, CASE WHEN not_before > created_at THEN not_before END, timeline FROM videos WHERE id = ANY ($1)
-- in SQLite
SELECT id, user_id, CASE WHEN not_before > created_at THEN not_before END, timeline FROM videos WHERE id IN (SELECT value FROM json_each(@ids))

-- read keys, in Postgres (keys)
SELECT n.id, k.key, k.sum = decode(n.sum, 'hex'), convert_from(k.answer, 'UTF8')::uuid
FROM json_to_recordset($1) AS n (id uuid, user_id text, key text, sum text) JOIN idempotency_keys k ON k.user_id = n.user_id AND k.key = n.key
-- in SQLite
SELECT n.id, k.key, k.sum = unhex(n.sum), CAST(k.answer AS TEXT)
FROM (SELECT value ->> 'id' AS id, value ->> 'user_id' AS user_id, value ->> 'key' AS key, value ->> 'sum' AS sum FROM json_each(@keys)) AS n JOIN idempotency_keys k ON k.user_id = n.user_id AND k.key = n.key

-- read limits, in Postgres (user)
SELECT action, amount, seconds FROM limits WHERE user_id = $1
-- in SQLite
SELECT action, amount, seconds FROM limits WHERE user_id = @user

-- read media prefixes, in Postgres (ids)
SELECT id, coalesce(media_prefix, '') FROM videos WHERE id = ANY ($1)
-- in SQLite
SELECT id, coalesce(media_prefix, '') FROM videos WHERE id IN (SELECT value FROM json_each(@ids))

-- read notifications, in Postgres (pairs, lease)
SELECT n.id, n.run, n.event, n.url, n.created_at, n.attempt, now(), n.expires_at, v.user_id, coalesce(s.secret, ''), coalesce(CASE WHEN s.until > now() THEN s.former END, ''),
v.id, substr(n.event, 7), v.title, v.metadata, n.failure, n.file, v.created_at, coalesce(traceparent, ''), coalesce(request_id, '')
FROM json_to_recordset($1) AS c (video uuid, number bigint) JOIN notifications n ON n.id = c.video AND n.run = c.number JOIN videos v ON v.id = n.video_id
LEFT JOIN notify_secrets s ON s.user_id = v.user_id
WHERE n.due_at = now() + $2 * interval '1 us'
-- in SQLite
SELECT n.id, n.run, n.event, n.url, n.created_at, n.attempt, @now, n.expires_at, v.user_id, coalesce(s.secret, ''), coalesce(CASE WHEN s.until > @now THEN s.former END, ''),
v.id, substr(n.event, 7), v.title, v.metadata, n.failure, n.file, v.created_at, coalesce(traceparent, ''), coalesce(request_id, '')
FROM (SELECT value ->> 'video' AS video, value ->> 'number' AS number FROM json_each(@pairs)) AS c JOIN notifications n ON n.id = c.video AND n.run = c.number JOIN videos v ON v.id = n.video_id
LEFT JOIN notify_secrets s ON s.user_id = v.user_id
WHERE n.due_at = @now + @lease

-- read phase times, in Postgres (n)
SELECT queue_time, submit_time, render_time, download_time
FROM (SELECT video_id, queue_time, submit_time, render_time, download_time FROM video_analytics
ORDER BY video_id DESC LIMIT CAST($1 AS bigint) * 10) AS newest
WHERE render_time > interval '0' ORDER BY video_id DESC LIMIT $1
-- in SQLite
SELECT queue_time, submit_time, render_time, download_time
FROM (SELECT video_id, queue_time, submit_time, render_time, download_time FROM video_analytics
ORDER BY video_id DESC LIMIT CAST(@n AS bigint) * 10) AS newest
WHERE render_time > 0 ORDER BY video_id DESC LIMIT @n

-- read render times, in Postgres (n)
SELECT render_time FROM (SELECT video_id, render_time FROM video_analytics ORDER BY video_id DESC LIMIT CAST($1 AS bigint) * 10) AS newest
WHERE render_time > interval '0' ORDER BY video_id DESC LIMIT $1
-- in SQLite
SELECT render_time FROM (SELECT video_id, render_time FROM video_analytics ORDER BY video_id DESC LIMIT CAST(@n AS bigint) * 10) AS newest
WHERE render_time > 0 ORDER BY video_id DESC LIMIT @n

-- read the backlog, in Postgres ()
SELECT 'admission', count(*), 0, count(*) FILTER (WHERE due_at <= now() AND NOT user_id IN (
SELECT h.user_id FROM (SELECT coalesce(user_id, '') AS user_id, count(*) AS n FROM videos WHERE slot AND active GROUP BY 1) AS h
JOIN turns t ON t.user_id = h.user_id WHERE h.n >= t.slots)), 0, greatest(0, coalesce((extract(epoch FROM now() - min(due_at)) * 1000000)::bigint, 0)), greatest(0, coalesce((extract(epoch FROM now() - min(due_at) FILTER (WHERE NOT user_id IN (
SELECT h.user_id FROM (SELECT coalesce(user_id, '') AS user_id, count(*) AS n FROM videos WHERE slot AND active GROUP BY 1) AS h
JOIN turns t ON t.user_id = h.user_id WHERE h.n >= t.slots))) * 1000000)::bigint, 0))
FROM videos WHERE waiting AND not_before <= now()
UNION ALL
SELECT CASE WHEN (state = 'submitting' OR (slot AND state = 'queued')) THEN 'create' WHEN (state = 'rendering' OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled'))) THEN 'poll' ELSE 'download' END,
count(*), count(*) FILTER (WHERE lease_until > now()), count(*) FILTER (WHERE due_at <= now()), count(*) FILTER (WHERE slot), greatest(0, coalesce((extract(epoch FROM now() - min(moment(timeline -> -1 ->> 'at'))) * 1000000)::bigint, 0)), greatest(0, coalesce((extract(epoch FROM now() - min(due_at)) * 1000000)::bigint, 0))
FROM videos WHERE active GROUP BY 1
UNION ALL
SELECT 'analytics', count(*), 0, count(*) FILTER (WHERE a.due_at <= now()), 0, greatest(0, coalesce((extract(epoch FROM now() - min(v.completed_at)) * 1000000)::bigint, 0)), greatest(0, coalesce((extract(epoch FROM now() - min(a.due_at)) * 1000000)::bigint, 0))
FROM video_analytics a JOIN videos v ON v.id = a.video_id WHERE a.due_at IS NOT NULL
UNION ALL
SELECT 'notify', count(*), count(*) FILTER (WHERE run = claim AND run > 0 AND due_at > now()), count(*) FILTER (WHERE due_at <= now()), 0, greatest(0, coalesce((extract(epoch FROM now() - min(created_at)) * 1000000)::bigint, 0)), greatest(0, coalesce((extract(epoch FROM now() - min(due_at)) * 1000000)::bigint, 0))
FROM notifications WHERE due_at IS NOT NULL
-- in SQLite
SELECT 'admission', count(*), 0, count(*) FILTER (WHERE due_at <= @now AND NOT user_id IN (
SELECT h.user_id FROM (SELECT coalesce(user_id, '') AS user_id, count(*) AS n FROM videos WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')) GROUP BY 1) AS h
JOIN turns t ON t.user_id = h.user_id WHERE h.n >= t.slots)), 0, max(0, coalesce((@now - min(due_at)), 0)), max(0, coalesce((@now - min(due_at) FILTER (WHERE NOT user_id IN (
SELECT h.user_id FROM (SELECT coalesce(user_id, '') AS user_id, count(*) AS n FROM videos WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')) GROUP BY 1) AS h
JOIN turns t ON t.user_id = h.user_id WHERE h.n >= t.slots))), 0))
FROM videos WHERE state = 'queued' AND NOT slot AND not_before <= @now
UNION ALL
SELECT CASE WHEN (state = 'submitting' OR (slot AND state = 'queued')) THEN 'create' WHEN (state = 'rendering' OR (due_at IS NOT NULL AND state IN ('failed', 'cancelled'))) THEN 'poll' ELSE 'download' END,
count(*), count(*) FILTER (WHERE lease_until > @now), count(*) FILTER (WHERE due_at <= @now), count(*) FILTER (WHERE slot), max(0, coalesce((@now - min((timeline ->> '$[#-1].at'))), 0)), max(0, coalesce((@now - min(due_at)), 0))
FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued')) GROUP BY 1
UNION ALL
SELECT 'analytics', count(*), 0, count(*) FILTER (WHERE a.due_at <= @now), 0, max(0, coalesce((@now - min(v.completed_at)), 0)), max(0, coalesce((@now - min(a.due_at)), 0))
FROM video_analytics a JOIN videos v ON v.id = a.video_id WHERE a.due_at IS NOT NULL
UNION ALL
SELECT 'notify', count(*), count(*) FILTER (WHERE run = claim AND run > 0 AND due_at > @now), count(*) FILTER (WHERE due_at <= @now), 0, max(0, coalesce((@now - min(created_at)), 0)), max(0, coalesce((@now - min(due_at)), 0))
FROM notifications WHERE due_at IS NOT NULL

-- read the endpoints, in Postgres ()
SELECT id, url, secret, created_at FROM heygen_endpoints ORDER BY created_at, id
-- in SQLite
SELECT id, url, secret, created_at FROM heygen_endpoints ORDER BY created_at, id

-- read the installation, in Postgres ()
SELECT key, value FROM meta
-- in SQLite
SELECT key, value FROM meta

-- read the last run, in Postgres (name)
SELECT (extract(epoch FROM now() - succeeded_at) * 1000000)::bigint FROM scheduled_runs WHERE name = $1 AND succeeded_at IS NOT NULL
-- in SQLite
SELECT (@now - succeeded_at) FROM scheduled_runs WHERE name = @name AND succeeded_at IS NOT NULL

-- read the scheduled runs, in Postgres ()
SELECT name, run, started_at, (extract(epoch FROM coalesce(finished_at, now()) - started_at) * 1000000)::bigint, outcome, result, error, succeeded_at
FROM scheduled_runs ORDER BY name
-- in SQLite
SELECT name, run, started_at, (coalesce(finished_at, @now) - started_at), outcome, result, error, succeeded_at
FROM scheduled_runs ORDER BY name

-- read turns, in Postgres (user)
SELECT u.user_id, coalesce(t.weight, 100), coalesce(t.slots, 0), u.waiting, u.held
FROM (SELECT user_id, CAST(sum(waiting) AS bigint) AS waiting, CAST(sum(held) AS bigint) AS held
FROM (SELECT coalesce(user_id, '') AS user_id, count(*) AS waiting, 0 AS held FROM videos WHERE waiting GROUP BY 1
UNION ALL SELECT coalesce(user_id, ''), 0, count(*) FROM videos WHERE slot AND active GROUP BY 1
UNION ALL SELECT user_id, 0, 0 FROM turns) AS parts
GROUP BY user_id) AS u LEFT JOIN turns t ON t.user_id = u.user_id
WHERE $1 = '' OR u.user_id = $1
ORDER BY u.user_id
-- in SQLite
SELECT u.user_id, coalesce(t.weight, 100), coalesce(t.slots, 0), u.waiting, u.held
FROM (SELECT user_id, CAST(sum(waiting) AS bigint) AS waiting, CAST(sum(held) AS bigint) AS held
FROM (SELECT coalesce(user_id, '') AS user_id, count(*) AS waiting, 0 AS held FROM videos WHERE state = 'queued' AND NOT slot GROUP BY 1
UNION ALL SELECT coalesce(user_id, ''), 0, count(*) FROM videos WHERE slot AND (slot OR (due_at IS NOT NULL AND state <> 'queued')) GROUP BY 1
UNION ALL SELECT user_id, 0, 0 FROM turns) AS parts
GROUP BY user_id) AS u LEFT JOIN turns t ON t.user_id = u.user_id
WHERE @user = '' OR u.user_id = @user
ORDER BY u.user_id

-- read videos, in Postgres (ids, all, viewer, viewer_id)
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE id = ANY ($1) AND ($2 OR user_id = $3 OR EXISTS (SELECT 1 FROM shares s WHERE s.user_id = $4 AND s.video_id = videos.id))
-- in SQLite
SELECT id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '') FROM videos WHERE id IN (SELECT value FROM json_each(@ids)) AND (@all OR user_id = @viewer OR EXISTS (SELECT 1 FROM shares s WHERE s.user_id = @viewer_id AND s.video_id = videos.id))

-- record actions, in Postgres (actions)
INSERT INTO job_actions (at, who, request_id, action, job, video_id, outcome)
SELECT now(), who, request_id, action, job, video_id, outcome
FROM json_to_recordset($1) AS a (place integer, who text, request_id text, action text, job text, video_id uuid, outcome text) ORDER BY place
-- in SQLite
INSERT INTO job_actions (at, who, request_id, action, job, video_id, outcome)
SELECT @now, who, request_id, action, job, video_id, outcome
FROM (SELECT value ->> 'place' AS place, value ->> 'who' AS who, value ->> 'request_id' AS request_id, value ->> 'action' AS action, value ->> 'job' AS job, value ->> 'video_id' AS video_id, value ->> 'outcome' AS outcome FROM json_each(@actions)) AS a ORDER BY place

-- recover videos, in Postgres ()
UPDATE videos
SET run = claim + 1, claim = claim + 1, due_at = now(),
lapses = CASE WHEN lease_until IS NULL THEN lapses ELSE lapses + 1 END, lease_until = NULL
WHERE due_at IS NOT NULL AND (claim > run OR lease_until IS NOT NULL) AND active
-- in SQLite
UPDATE videos
SET run = claim + 1, claim = claim + 1, due_at = @now,
lapses = CASE WHEN lease_until IS NULL THEN lapses ELSE lapses + 1 END, lease_until = NULL
WHERE due_at IS NOT NULL AND (claim > run OR lease_until IS NOT NULL) AND (slot OR (due_at IS NOT NULL AND state <> 'queued'))

-- redeliver, in Postgres (life, id, all, viewer)
UPDATE notifications
SET state = 'pending', due_at = now(), ended_at = NULL, attempt = 0,
expires_at = now() + $1 * interval '1 us', run = claim + 1, claim = claim + 1 WHERE id = $2 AND ($3 OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = $4))
-- in SQLite
UPDATE notifications
SET state = 'pending', due_at = @now, ended_at = NULL, attempt = 0,
expires_at = @now + @life, run = claim + 1, claim = claim + 1 WHERE id = @id AND (@all OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = @viewer))

-- redeliver, in Postgres (life, video, all, viewer, failed, within)
UPDATE notifications
SET state = 'pending', due_at = now(), ended_at = NULL, attempt = 0,
expires_at = now() + $1 * interval '1 us', run = claim + 1, claim = claim + 1 WHERE video_id = $2 AND ($3 OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = $4)) AND (NOT $5 OR state = 'failed') AND (CAST($6 AS bigint) = 0 OR ended_at >= now() - $6 * interval '1 us')
-- in SQLite
UPDATE notifications
SET state = 'pending', due_at = @now, ended_at = NULL, attempt = 0,
expires_at = @now + @life, run = claim + 1, claim = claim + 1 WHERE video_id = @video AND (@all OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = @viewer)) AND (NOT @failed OR state = 'failed') AND (CAST(@within AS bigint) = 0 OR ended_at >= @now - @within)

-- redeliver, in Postgres (life, all, viewer, failed, within)
UPDATE notifications
SET state = 'pending', due_at = now(), ended_at = NULL, attempt = 0,
expires_at = now() + $1 * interval '1 us', run = claim + 1, claim = claim + 1 WHERE ended_at IS NOT NULL AND ($2 OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = $3)) AND (NOT $4 OR state = 'failed') AND (CAST($5 AS bigint) = 0 OR ended_at >= now() - $5 * interval '1 us')
-- in SQLite
UPDATE notifications
SET state = 'pending', due_at = @now, ended_at = NULL, attempt = 0,
expires_at = @now + @life, run = claim + 1, claim = claim + 1 WHERE ended_at IS NOT NULL AND (@all OR video_id IN (SELECT v.id FROM videos v WHERE v.user_id = @viewer)) AND (NOT @failed OR state = 'failed') AND (CAST(@within AS bigint) = 0 OR ended_at >= @now - @within)

-- refetch, in Postgres (id)
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = now(), attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'downloading', timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'downloading', 'at', now())) WHERE id = $1 RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = @now, attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'downloading', timeline = json_insert(timeline, '$[#]', json_object('state', 'downloading', 'at', @now)) WHERE id = @id RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')

-- regrant notifications, in Postgres (after)
UPDATE notifications SET due_at = now() WHERE id = ANY (ARRAY(SELECT id FROM notifications WHERE due_at IS NOT NULL AND claim > run AND due_at > now() + $1 * interval '1 us' FOR NO KEY UPDATE SKIP LOCKED))
-- in SQLite
UPDATE notifications SET due_at = @now WHERE id IN (SELECT id FROM notifications WHERE due_at IS NOT NULL AND claim > run AND due_at > @now + @after )

-- regrant videos, in Postgres (after)
UPDATE videos SET due_at = now() WHERE id = ANY (ARRAY(SELECT id FROM videos WHERE active AND lease_until IS NULL AND claim > run AND due_at > now() + $1 * interval '1 us' FOR NO KEY UPDATE SKIP LOCKED))
-- in SQLite
UPDATE videos SET due_at = @now WHERE id IN (SELECT id FROM videos WHERE (slot OR (due_at IS NOT NULL AND state <> 'queued')) AND lease_until IS NULL AND claim > run AND due_at > @now + @after )

-- reject, in Postgres (failure, id)
UPDATE videos SET failure = $1, render_dead = true, media_prefix = NULL, file = NULL WHERE id = $2 RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos SET failure = @failure, render_dead = true, media_prefix = NULL, file = NULL WHERE id = @id RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')

-- remember a title, in Postgres (place, id, title)
INSERT INTO titles (place, heygen_id, title, seen_at) VALUES ($1, $2, $3, now())
ON CONFLICT (place) DO UPDATE SET heygen_id = excluded.heygen_id, title = excluded.title, seen_at = excluded.seen_at
-- in SQLite
INSERT INTO titles (place, heygen_id, title, seen_at) VALUES (@place, @id, @title, @now)
ON CONFLICT (place) DO UPDATE SET heygen_id = excluded.heygen_id, title = excluded.title, seen_at = excluded.seen_at

-- remove files, in Postgres (ids)
UPDATE videos SET media_prefix = NULL, files_removed_at = now() WHERE id = ANY ($1)
-- in SQLite
UPDATE videos SET media_prefix = NULL, files_removed_at = @now WHERE id IN (SELECT value FROM json_each(@ids))

-- remove videos, in Postgres (ids)
DELETE FROM videos WHERE id = ANY ($1)
-- in SQLite
DELETE FROM videos WHERE id IN (SELECT value FROM json_each(@ids))

-- renew, in Postgres (pairs, lease)
WITH held AS (
SELECT v.id, run, state FROM json_to_recordset($1) AS c (video uuid, number bigint) JOIN videos v ON v.id = c.video AND v.run = c.number AND v.lease_until IS NOT NULL
), free AS (
SELECT v.id, run, state FROM json_to_recordset($1) AS c (video uuid, number bigint) JOIN videos v ON v.id = c.video AND v.run = c.number AND v.lease_until IS NOT NULL FOR NO KEY UPDATE OF v SKIP LOCKED
), kept AS (
UPDATE videos v SET lease_until = now() + $2 * interval '1 us', due_at = now() + $2 * interval '1 us' FROM free WHERE v.id = free.id
)
SELECT * FROM free
UNION ALL
SELECT * FROM held WHERE id NOT IN (SELECT id FROM free)
-- in SQLite
UPDATE videos AS v SET lease_until = @now + @lease, due_at = @now + @lease FROM (SELECT value ->> 'video' AS video, value ->> 'number' AS number FROM json_each(@pairs)) AS c WHERE v.id = c.video AND v.run = c.number AND v.lease_until IS NOT NULL RETURNING id, run, state

-- renew a task, in Postgres (lease, id)
UPDATE tasks SET lease_until = now() + $1 * interval '1 us' WHERE id = $2 AND status = 'started'
-- in SQLite
UPDATE tasks SET lease_until = @now + @lease WHERE id = @id AND status = 'started'

-- reopen admission, in Postgres (reason)
WITH opened AS (
UPDATE admission SET state = 'open', reason = '', until = NULL, closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0, streak = '{}' WHERE state = 'paused' AND until IS NULL AND reason = $1 RETURNING true) UPDATE videos SET due_at = now() WHERE waiting AND not_before <= now() AND due_at > now() AND EXISTS (SELECT 1 FROM opened)
-- in SQLite
UPDATE admission SET state = 'open', reason = '', until = NULL, closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0, streak = '{}' WHERE state = 'paused' AND until IS NULL AND reason = @reason

-- requeue analyses, in Postgres (ids)
UPDATE video_analytics SET due_at = now(), attempt = 0, failed_at = NULL WHERE video_id = ANY ($1) RETURNING video_id, 0
-- in SQLite
UPDATE video_analytics SET due_at = @now, attempt = 0, failed_at = NULL WHERE video_id IN (SELECT value FROM json_each(@ids)) RETURNING video_id, 0

-- requeue notifications, in Postgres (life, ids)
UPDATE notifications
SET state = 'pending', due_at = now(), ended_at = NULL, attempt = 0,
expires_at = now() + $1 * interval '1 us', run = claim + 1, claim = claim + 1 WHERE id = ANY ($2) RETURNING id, 0
-- in SQLite
UPDATE notifications
SET state = 'pending', due_at = @now, ended_at = NULL, attempt = 0,
expires_at = @now + @life, run = claim + 1, claim = claim + 1 WHERE id IN (SELECT value FROM json_each(@ids)) RETURNING id, 0

-- resume, in Postgres (render, ids)
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = now(), attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'rendering', render_deadline = now() + $1 * interval '1 us', timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'rendering', 'at', now())) WHERE id = ANY ($2) RETURNING id, submission
-- in SQLite
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = @now, attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'rendering', render_deadline = @now + @render, timeline = json_insert(timeline, '$[#]', json_object('state', 'rendering', 'at', @now)) WHERE id IN (SELECT value FROM json_each(@ids)) RETURNING id, submission

-- resume, in Postgres (render, id)
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = now(), attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'rendering', render_deadline = now() + $1 * interval '1 us', timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'rendering', 'at', now())) WHERE id = $2 RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = @now, attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'rendering', render_deadline = @now + @render, timeline = json_insert(timeline, '$[#]', json_object('state', 'rendering', 'at', @now)) WHERE id = @id RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')

-- resume admission, in Postgres ()
WITH opened AS (UPDATE admission SET state = 'open', reason = '', until = NULL, closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0, streak = '{}' RETURNING true) UPDATE videos SET due_at = now() WHERE waiting AND not_before <= now() AND due_at > now() AND EXISTS (SELECT 1 FROM opened)
-- in SQLite
UPDATE admission SET state = 'open', reason = '', until = NULL, closed_at = NULL, proof = 'send', probe = NULL, probe_at = NULL, probes = 0, streak = '{}'

-- revoke a key, in Postgres (id, all, viewer)
UPDATE api_keys AS k SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 AND ($2 OR coalesce(CAST(k.user_id AS text), 'default') = $3)
-- in SQLite
UPDATE api_keys AS k SET revoked_at = coalesce(revoked_at, @now) WHERE id = @id AND (@all OR coalesce(CAST(k.user_id AS text), 'default') = @viewer)

-- rotate a notification secret, in Postgres (life, secret, user)
UPDATE notify_secrets SET former = secret, until = now() + $1 * interval '1 us', secret = $2, made_at = now()
WHERE user_id = $3 AND coalesce(until <= now(), true)
-- in SQLite
UPDATE notify_secrets SET former = secret, until = @now + @life, secret = @secret, made_at = @now
WHERE user_id = @user AND coalesce(until <= @now, true)

-- save analyses, in Postgres (analyses)
INSERT INTO video_analytics (video_id, due_at, user_id, template, queue_time, submit_time, render_time, download_time,
bytes, duration, width, height, video_codec, audio_codec, bit_rate, price, completed_at)
SELECT video_id, NULL, user_id, template, queue_time / 1e3 * interval '1 us', submit_time / 1e3 * interval '1 us', render_time / 1e3 * interval '1 us', download_time / 1e3 * interval '1 us',
bytes, duration / 1e3 * interval '1 us', width, height, coalesce(video_codec, ''), coalesce(audio_codec, ''), coalesce(bit_rate, 0), price, (timestamptz 'epoch' + completed * interval '1 us')
FROM json_to_recordset($1) AS a (video_id uuid, user_id text, template text, queue_time bigint, submit_time bigint,
render_time bigint, download_time bigint, bytes bigint, duration bigint, width integer, height integer,
video_codec text, audio_codec text, bit_rate integer, price numeric, completed bigint)
WHERE true
ON CONFLICT (video_id) DO UPDATE
SET due_at = NULL, failed_at = NULL, attempt = 0, user_id = excluded.user_id, template = excluded.template,
queue_time = excluded.queue_time, submit_time = excluded.submit_time,
render_time = excluded.render_time, download_time = excluded.download_time,
bytes = excluded.bytes, duration = excluded.duration, width = excluded.width, height = excluded.height,
video_codec = excluded.video_codec, audio_codec = excluded.audio_codec, bit_rate = excluded.bit_rate,
price = excluded.price, completed_at = excluded.completed_at
-- in SQLite
INSERT INTO video_analytics (video_id, due_at, user_id, template, queue_time, submit_time, render_time, download_time,
bytes, duration, width, height, video_codec, audio_codec, bit_rate, price, completed_at)
SELECT video_id, NULL, user_id, template, queue_time, submit_time, render_time, download_time,
bytes, duration, width, height, coalesce(video_codec, ''), coalesce(audio_codec, ''), coalesce(bit_rate, 0), price, completed
FROM (SELECT value ->> 'video_id' AS video_id, value ->> 'user_id' AS user_id, value ->> 'template' AS template, value ->> 'queue_time' AS queue_time, value ->> 'submit_time' AS submit_time, value ->> 'render_time' AS render_time, value ->> 'download_time' AS download_time, value ->> 'bytes' AS bytes, value ->> 'duration' AS duration, value ->> 'width' AS width, value ->> 'height' AS height, value ->> 'video_codec' AS video_codec, value ->> 'audio_codec' AS audio_codec, value ->> 'bit_rate' AS bit_rate, value ->> 'price' AS price, value ->> 'completed' AS completed FROM json_each(@analyses)) AS a
WHERE true
ON CONFLICT (video_id) DO UPDATE
SET due_at = NULL, failed_at = NULL, attempt = 0, user_id = excluded.user_id, template = excluded.template,
queue_time = excluded.queue_time, submit_time = excluded.submit_time,
render_time = excluded.render_time, download_time = excluded.download_time,
bytes = excluded.bytes, duration = excluded.duration, width = excluded.width, height = excluded.height,
video_codec = excluded.video_codec, audio_codec = excluded.audio_codec, bit_rate = excluded.bit_rate,
price = excluded.price, completed_at = excluded.completed_at

-- send analyses again, in Postgres ()
UPDATE video_analytics SET due_at = now() WHERE due_at > now()
-- in SQLite
UPDATE video_analytics SET due_at = @now WHERE due_at > @now

-- send notifications again, in Postgres ()
UPDATE notifications SET due_at = now() WHERE due_at > now() AND claim > run
-- in SQLite
UPDATE notifications SET due_at = @now WHERE due_at > @now AND claim > run

-- send videos again, in Postgres ()
UPDATE videos SET due_at = now()
WHERE due_at IS NOT NULL AND claim > run AND (lease_until IS NULL OR lease_until <= now()) AND active
-- in SQLite
UPDATE videos SET due_at = @now
WHERE due_at IS NOT NULL AND claim > run AND (lease_until IS NULL OR lease_until <= @now) AND (slot OR (due_at IS NOT NULL AND state <> 'queued'))

-- set a limit, in Postgres (user, action, amount, seconds)
INSERT INTO limits (user_id, action, amount, seconds) VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id, action) DO UPDATE SET amount = excluded.amount, seconds = excluded.seconds
-- in SQLite
INSERT INTO limits (user_id, action, amount, seconds) VALUES (@user, @action, @amount, @seconds)
ON CONFLICT (user_id, action) DO UPDATE SET amount = excluded.amount, seconds = excluded.seconds

-- set a password, in Postgres (user, hash)
INSERT INTO passwords AS w (user_id, hash, set_at) VALUES ($1, $2, now())
ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, set_at = greatest(excluded.set_at, w.set_at + 1 * interval '1 us')
-- in SQLite
INSERT INTO passwords AS w (user_id, hash, set_at) VALUES (@user, @hash, @now)
ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, set_at = max(excluded.set_at, w.set_at + 1)

-- set a turn, in Postgres (user, weight, slots)
INSERT INTO turns (user_id, weight, slots) VALUES ($1, $2, nullif($3, 0))
ON CONFLICT (user_id) DO UPDATE SET weight = excluded.weight, slots = excluded.slots
-- in SQLite
INSERT INTO turns (user_id, weight, slots) VALUES (@user, @weight, nullif(@slots, 0))
ON CONFLICT (user_id) DO UPDATE SET weight = excluded.weight, slots = excluded.slots

-- share a video, in Postgres (user, video)
INSERT INTO shares (user_id, video_id, at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING
-- in SQLite
INSERT INTO shares (user_id, video_id, at) VALUES (@user, @video, @now) ON CONFLICT DO NOTHING

-- start a task, in Postgres (id, user, who, request, kind, about, lease)
INSERT INTO tasks (id, user_id, started_by, request_id, kind, about, status, result, error, started_at, lease_until)
VALUES ($1, $2, $3, $4, $5, $6, 'started', '', '', now(), now() + $7 * interval '1 us')
-- in SQLite
INSERT INTO tasks (id, user_id, started_by, request_id, kind, about, status, result, error, started_at, lease_until)
VALUES (@id, @user, @who, @request, @kind, @about, 'started', '', '', @now, @now + @lease)

-- stop admission, in Postgres (reason, proof, refused, most, wait)
UPDATE admission
SET state = 'stopped', reason = $1, until = NULL, proof = $2,
closed_at = CASE WHEN state = 'stopped' THEN closed_at ELSE now() END,
probes    = (CASE WHEN state <> 'stopped' THEN 0 WHEN probe = ANY ($3) THEN probes + 1 ELSE probes END),
probe     = CASE WHEN state = 'stopped' AND NOT (probe = ANY ($3)) THEN probe END,
probe_at  = now() + least(CAST($4 AS bigint), CAST($5 AS bigint) << least((CASE WHEN state <> 'stopped' THEN 0 WHEN probe = ANY ($3) THEN probes + 1 ELSE probes END), 20)) * interval '1 us'
WHERE state <> 'paused' OR until IS NOT NULL
-- in SQLite
UPDATE admission
SET state = 'stopped', reason = @reason, until = NULL, proof = @proof,
closed_at = CASE WHEN state = 'stopped' THEN closed_at ELSE @now END,
probes    = (CASE WHEN state <> 'stopped' THEN 0 WHEN probe IN (SELECT value FROM json_each(@refused)) THEN probes + 1 ELSE probes END),
probe     = CASE WHEN state = 'stopped' AND NOT (probe IN (SELECT value FROM json_each(@refused))) THEN probe END,
probe_at  = @now + min(CAST(@most AS bigint), CAST(@wait AS bigint) << min((CASE WHEN state <> 'stopped' THEN 0 WHEN probe IN (SELECT value FROM json_each(@refused)) THEN probes + 1 ELSE probes END), 20))
WHERE state <> 'paused' OR until IS NOT NULL

-- submit anew, in Postgres (ids)
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = now(), attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'queued', slot = false, submission = submission + 1, refusals = 0, sends = 0,
submitted_at = NULL, sent_at = NULL, looking_since = NULL, refusal = NULL,
heygen_id = NULL, accepted_at = NULL, render_deadline = NULL, render_dead = false,
heygen_deleted_at = NULL, completed_at = NULL, timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'queued', 'at', now())) WHERE id = ANY ($1) RETURNING id, submission
-- in SQLite
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = @now, attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'queued', slot = false, submission = submission + 1, refusals = 0, sends = 0,
submitted_at = NULL, sent_at = NULL, looking_since = NULL, refusal = NULL,
heygen_id = NULL, accepted_at = NULL, render_deadline = NULL, render_dead = false,
heygen_deleted_at = NULL, completed_at = NULL, timeline = json_insert(timeline, '$[#]', json_object('state', 'queued', 'at', @now)) WHERE id IN (SELECT value FROM json_each(@ids)) RETURNING id, submission

-- submit anew, in Postgres (id)
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = now(), attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'queued', slot = false, submission = submission + 1, refusals = 0, sends = 0,
submitted_at = NULL, sent_at = NULL, looking_since = NULL, refusal = NULL,
heygen_id = NULL, accepted_at = NULL, render_deadline = NULL, render_dead = false,
heygen_deleted_at = NULL, completed_at = NULL, timeline = timeline || jsonb_build_array(jsonb_build_object('state', 'queued', 'at', now())) WHERE id = $1 RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')
-- in SQLite
UPDATE videos SET
run = claim + 1, claim = claim + 1, lease_until = NULL, due_at = @now, attempt = 0, lapses = 0,
cancel_requested = false, hinted = false, failure = NULL, doubts = 0, doubted_since = NULL,
state = 'queued', slot = false, submission = submission + 1, refusals = 0, sends = 0,
submitted_at = NULL, sent_at = NULL, looking_since = NULL, refusal = NULL,
heygen_id = NULL, accepted_at = NULL, render_deadline = NULL, render_dead = false,
heygen_deleted_at = NULL, completed_at = NULL, timeline = json_insert(timeline, '$[#]', json_object('state', 'queued', 'at', @now)) WHERE id = @id RETURNING id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, coalesce(traceparent, ''), coalesce(request_id, '')

-- sum up what was spent, in Postgres ()
SELECT CAST(coalesce((SELECT sum(price) FROM daily_totals), 0)
+ coalesce((SELECT sum(price) FROM video_analytics WHERE completed_at IS NOT NULL AND NOT counted), 0) AS double precision)
-- in SQLite
SELECT CAST(coalesce((SELECT sum(price) FROM daily_totals), 0)
+ coalesce((SELECT sum(price) FROM video_analytics WHERE completed_at IS NOT NULL AND NOT counted), 0) AS double precision)

-- take a key, in Postgres (user, key, sum, life)
INSERT INTO idempotency_keys (user_id, key, sum, answer, created_at, expires_at)
VALUES ($1, $2, $3, '', now(), now() + $4 * interval '1 us')
ON CONFLICT DO NOTHING
-- in SQLite
INSERT INTO idempotency_keys (user_id, key, sum, answer, created_at, expires_at)
VALUES (@user, @key, @sum, x'', @now, @now + @life)
ON CONFLICT DO NOTHING

-- take keys, in Postgres (life, keys)
INSERT INTO idempotency_keys (user_id, key, sum, answer, created_at, expires_at)
SELECT user_id, key, decode(sum, 'hex'), convert_to(id::text, 'UTF8'), now(), now() + $1 * interval '1 us'
FROM json_to_recordset($2) AS n (id uuid, user_id text, key text, sum text) WHERE true ORDER BY user_id, key, id
ON CONFLICT DO NOTHING
-- in SQLite
INSERT INTO idempotency_keys (user_id, key, sum, answer, created_at, expires_at)
SELECT user_id, key, unhex(sum), CAST(id AS BLOB), @now, @now + @life
FROM (SELECT value ->> 'id' AS id, value ->> 'user_id' AS user_id, value ->> 'key' AS key, value ->> 'sum' AS sum FROM json_each(@keys)) AS n WHERE true ORDER BY user_id, key, id
ON CONFLICT DO NOTHING

-- unclaim, in Postgres (pairs)
UPDATE videos SET due_at = now() + 1000000 * interval '1 us' WHERE id = ANY (ARRAY(SELECT v.id FROM json_to_recordset($1) AS c (video uuid, number bigint) JOIN videos v ON v.id = c.video AND v.claim = c.number AND v.run < c.number AND v.due_at IS NOT NULL FOR NO KEY UPDATE OF v SKIP LOCKED))
-- in SQLite
UPDATE videos SET due_at = @now + 1000000 WHERE id IN (SELECT v.id FROM (SELECT value ->> 'video' AS video, value ->> 'number' AS number FROM json_each(@pairs)) AS c JOIN videos v ON v.id = c.video AND v.claim = c.number AND v.run < c.number AND v.due_at IS NOT NULL )

-- unshare a video, in Postgres (user, video)
DELETE FROM shares WHERE user_id = $1 AND video_id = $2
-- in SQLite
DELETE FROM shares WHERE user_id = @user AND video_id = @video

-- unshare videos, in Postgres (user)
DELETE FROM shares WHERE video_id IN (SELECT id FROM videos WHERE user_id = $1)
-- in SQLite
DELETE FROM shares WHERE video_id IN (SELECT id FROM videos WHERE user_id = @user)

-- untell videos, in Postgres (user)
DELETE FROM notifications WHERE video_id IN (SELECT id FROM videos WHERE user_id = $1)
-- in SQLite
DELETE FROM notifications WHERE video_id IN (SELECT id FROM videos WHERE user_id = @user)

-- use a link, in Postgres (sum)
UPDATE links AS l SET used_at = now() WHERE l.sum = $1 AND l.used_at IS NULL AND l.expires_at > now()
-- in SQLite
UPDATE links AS l SET used_at = @now WHERE l.sum = @sum AND l.used_at IS NULL AND l.expires_at > @now

-- void a link, in Postgres (user)
DELETE FROM links WHERE user_id = $1 AND used_at IS NULL
-- in SQLite
DELETE FROM links WHERE user_id = @user AND used_at IS NULL

-- wake those who wait, in Postgres ()

-- in SQLite
UPDATE videos SET due_at = @now WHERE state = 'queued' AND NOT slot AND not_before <= @now AND due_at > @now AND changes() > 0

-- wake those who wait, in Postgres ()

-- in SQLite
UPDATE videos SET due_at = @now WHERE state = 'queued' AND NOT slot AND not_before <= @now AND due_at > @now AND changes() > 0

-- wake those who wait, in Postgres ()

-- in SQLite
UPDATE videos SET due_at = @now WHERE state = 'queued' AND NOT slot AND not_before <= @now AND due_at > @now AND changes() > 0

