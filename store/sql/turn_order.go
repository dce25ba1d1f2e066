package sql

// What waits stands in lines, one for each user and priority. Admission goes from
// line to line (start-time fair queueing): a video has a virtual start, which is
// computed when a slot is free, and the earliest start is next. The start of the first
// one of a line is a turn behind that of the line's last one that got a slot, and no
// earlier than the latest start that any line of its priority has got: who comes, or
// comes back, begins beside the others and not before them. Those behind it follow a
// turn apart. A turn is as long as the user's weight is small.
//
// The index is read from line to line, so that it does not matter how much waits in
// each.

// A turn of a user v, who has the row t of turns or none, and when the next one begins:
// taken is the row of turns_taken of v's line, or none.
const (
	turnLength = `(100000000 / coalesce(t.weight, 100))`
	nextStart  = `{greatest}(coalesce((SELECT max(l.start) FROM turns_taken l WHERE l.priority = v.priority), 0), coalesce(taken.start + ` + turnLength + `, 0))`
	itsTurns   = `LEFT JOIN turns t ON t.user_id = v.user_id LEFT JOIN turns_taken taken ON taken.priority = v.priority AND taken.user_id = v.user_id`
)

// byUser is the user by whom some videos are counted. SQLite would count by user_id along
// the index of all videos of each user, and not along the small one of those few.
const byUser = `coalesce(user_id, '')`

// firstOf is the first of the line that comes next in the index.
func firstOf(line string) string {
	return `(SELECT id FROM videos WHERE {waiting} AND ` + line + ` ORDER BY priority DESC, user_id DESC, not_before, id LIMIT 1)`
}

// lines is the beginning of a query that gives out free slots among some videos: room
// has their number, and turn those lines whose turn it is first, of those that have a
// video to admit and whose users hold fewer slots than they may. Some more lines are
// looked at than slots are free: another transaction may hold what stands in them.
func lines(free, of, more string) string {
	return `
	WITH RECURSIVE room (n) AS MATERIALIZED (SELECT ` + free + `),
	suspect (template) AS MATERIALIZED (` + suspects + `),
	held (user_id, n) AS MATERIALIZED (SELECT ` + byUser + `, count(*) FROM videos WHERE slot AND {active} AND EXISTS (SELECT 1 FROM turns WHERE slots > 0) GROUP BY 1),
	line (id) AS (
		SELECT ` + firstOf("true") + ` FROM room WHERE n > 0
		 UNION ALL
		SELECT coalesce(` + firstOf("priority = v.priority AND user_id < v.user_id") + `,
		                ` + firstOf("priority < v.priority") + `)
		  FROM line {from it JOIN} videos v ON v.id = line.id),
	turn (priority, user_id, most, length, start) AS MATERIALIZED (
		SELECT v.priority, v.user_id, t.slots - coalesce(held.n, 0), ` + turnLength + `, ` + nextStart + `
		  FROM line {from it JOIN} videos v ON v.id = line.id ` + itsTurns + ` LEFT JOIN held ON held.user_id = v.user_id
		 WHERE coalesce(t.slots > coalesce(held.n, 0), true) AND EXISTS (SELECT 1 FROM videos w WHERE ` + inLine("v", of) + `)
		 ORDER BY 1 DESC, 5 LIMIT (SELECT n + ` + more + ` FROM room))`
}

// inLine is true of a video w that stands in a line and waits for nothing but its turn.
func inLine(line, of string) string {
	return `w.priority = ` + line + `.priority AND w.user_id = ` + line + `.user_id AND ` + ready + ` AND ` + of
}

// admissible are those, of some videos, that get the slots which are free. A user with
// a cap may have lines of several priorities, and gets no more of all of them. Of each
// line first are looked at. A row that changed before it was locked is looked at again, as
// it is then: it may have been cancelled.
func admissible(of, more, first string) string {
	first = ` FROM videos w WHERE ` + inLine("turn", of) + ` ORDER BY w.not_before, w.id LIMIT ` + first
	return lines(`CASE WHEN `+gateOpen+` THEN `+freeSlots+` ELSE 0 END`, of, more) + `
	SELECT c.id, c.priority, c.user_id FROM (
		SELECT w.id, w.not_before, turn.priority, turn.user_id, turn.most,
		       row_number() OVER (PARTITION BY turn.user_id ORDER BY turn.priority DESC, w.not_before, w.id) AS place,
		       turn.start + turn.length * (row_number() OVER (PARTITION BY turn.user_id, turn.priority ORDER BY w.not_before, w.id) - 1) AS start
		  FROM turn {either CROSS JOIN LATERAL (SELECT w.id, w.not_before` + first + `) AS w // JOIN videos w ON w.id IN (SELECT w.id` + first + `)}) AS c
	  {pg JOIN videos v ON v.id = c.id AND v.state = 'queued' AND NOT v.slot}
	 WHERE coalesce(c.place <= c.most, true)
	 ORDER BY c.priority DESC, c.start, c.not_before, c.id
	 LIMIT (SELECT n FROM room) {lock OF v SKIP LOCKED}`
}

// How many of each line are looked at. Most often the largest share of a line is enough,
// and a few more, since another transaction may hold some. If it is not, as many are
// as there are free slots, and others are kept off all of them.
const (
	share = `(SELECT CAST(max(n * part) AS bigint) + 4 FROM room CROSS JOIN (
		SELECT 1.0 / length / sum(1.0 / length) OVER (PARTITION BY priority) AS part FROM turn) AS parts)`
	all = `(SELECT n FROM room) {lock SKIP LOCKED}`
)

// probe is the one video that a stopped gate lets through: after a while, and if
// the one before is not under way any more. It may be any of those that wait,
// since the first ones may be what HeyGen refuses.
var probe = lines(`CASE WHEN EXISTS (SELECT 1 FROM admission a
		 WHERE state = 'stopped' AND coalesce(probe_at <= {now}, true)
		   AND NOT EXISTS (SELECT 1 FROM videos p WHERE p.id = a.probe AND `+underWay+`)) THEN {least}(1, `+freeSlots+`) ELSE 0 END`, "true", "100") + `,
	one (priority, user_id) AS MATERIALIZED (SELECT priority, user_id FROM turn ORDER BY random() LIMIT 1)
	SELECT id, priority, user_id FROM videos
	 WHERE {waiting}
	   AND id = (SELECT w.id FROM one {from it JOIN} videos w ON ` + inLine("one", "true") + ` ORDER BY w.not_before, w.id
	             LIMIT 1 OFFSET (SELECT {random count(*)} FROM (SELECT 1 FROM one {from it JOIN} videos w ON ` + inLine("one", "true") + ` LIMIT 1000) AS few))
	 {lock SKIP LOCKED}`

// charge writes down whose turn it was: that of the lines of what was admitted.
func charge(admitted string) string {
	return `
	INSERT INTO turns_taken (priority, user_id, start)
	SELECT v.priority, v.user_id, ` + nextStart + ` + ` + turnLength + ` * (v.n - 1)
	  FROM (SELECT priority, user_id, count(*) AS n FROM ` + admitted + ` GROUP BY priority, user_id) AS v ` + itsTurns + `
	 WHERE true
	    ON CONFLICT (priority, user_id) DO UPDATE SET start = excluded.start`
}
