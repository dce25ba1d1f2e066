package sql

import (
	"context"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// origin is a video's store.Origin.
const origin = `coalesce(traceparent, ''), coalesce(request_id, '')`

// videoColumns are what scanVideo reads.
const videoColumns = `id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
	coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
	CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, ` + origin

func scanVideo(row Row) (v store.Video, err error) {
	var timeline []event
	err = row.Scan(&v.ID, &v.UserID, &v.State, &v.Title, &v.Description, &v.Priority, asTime(&v.NotBefore), asJSON(&v.Metadata), &v.NotifyURL, asText(&v.Request),
		&v.HeyGenID, &v.Submission, &v.MayBeBilled, &v.Resumable,
		&v.LastAnswer, asJSON(&v.Failure), &v.MediaPrefix, asJSON(&v.File), asJSON(&timeline), asTime(&v.CreatedAt), asTime(&v.CompletedAt), asTime(&v.FilesRemovedAt),
		&v.Origin.Trace, &v.Origin.Request)
	for _, e := range timeline {
		v.Timeline = append(v.Timeline, store.Event{State: e.State, At: time.Time(e.At)})
	}
	return v, err
}

// event is a store.Event as the timeline keeps it.
type event struct {
	State store.State `json:"state"`
	At    moment      `json:"at"`
}

// owned is true of the videos that a viewer may change, and visible of those that it
// may read.
const (
	owned   = `(@all OR user_id = @viewer)`
	visible = `(@all OR user_id = @viewer OR EXISTS (SELECT 1 FROM shares s WHERE s.user_id = @viewer_id AND s.video_id = videos.id))`
)

// seenBy adds a viewer to the values of a statement.
func seenBy(w store.Viewer, args Args) Args {
	user, all := w.Scope()
	id, _ := uuid.Parse(user) // Nil: nothing is shown to it
	args["viewer"], args["viewer_id"], args["all"] = user, id, all
	return args
}

// asSeenBy hides what a viewer is not to know of videos that are shown to it: an address
// to tell may hold what lets in there.
func asSeenBy(w store.Viewer, list []store.Video) []store.Video {
	for i := range list {
		if !w.Owns(list[i].UserID) {
			list[i].NotifyURL = ""
		}
	}
	return list
}

// Video returns one video.
func (p *Protocol) Video(ctx context.Context, w store.Viewer, id uuid.UUID) (store.Video, error) {
	list, err := p.VideosByID(ctx, w, []uuid.UUID{id})
	if err != nil {
		return store.Video{}, err
	}
	if len(list) == 0 {
		return store.Video{}, store.ErrNotFound(id)
	}
	return list[0], nil
}

var videosByID = statement("read videos", `SELECT `+videoColumns+` FROM videos WHERE {in id @ids} AND `+visible)

// VideosByID returns those that exist.
func (p *Protocol) VideosByID(ctx context.Context, w store.Viewer, ids []uuid.UUID) ([]store.Video, error) {
	list, err := collect(ctx, p.db.Read, videosByID, seenBy(w, Args{"ids": ids}), scanVideo)
	return asSeenBy(w, list), p.explain(err, "read videos")
}

// matching says which videos a filter lets through. Each condition stands in it only if
// it is asked for, so that a plan that is kept can use the index.
func matching(f store.Filter) (matches string) {
	if f.UserID != "" {
		matches += ` AND user_id = @user`
	}
	switch {
	case f.State.Final():
		matches += ` AND {ended as} = @state AND {ended}`
	case f.State != "":
		matches += ` AND id IN (SELECT id FROM videos WHERE state = @state AND {waiting}
		             UNION ALL SELECT id FROM videos WHERE state = @state AND {active})`
	}
	return matches
}

// idsSeen is a query for the ids of a viewer's videos, and of those that are shown to it,
// that a filter lets through. It is a range of one index and one of another, each in the
// order of the ids, so that a page of them reads no more than the page.
func idsSeen(w store.Viewer, f store.Filter) string {
	matches := matching(f)
	own, shown := `SELECT id FROM videos WHERE user_id = @viewer`+matches, `SELECT s.video_id FROM shares s WHERE s.user_id = @viewer_id`
	if matches != "" {
		shown += ` AND EXISTS (SELECT 1 FROM videos WHERE id = s.video_id` + matches + `)`
	}
	if f.Behind != uuid.Nil {
		own, shown = own+` AND id < @behind`, shown+` AND s.video_id < @behind`
	}
	switch {
	case f.UserID == "":
		return own + ` UNION ALL ` + shown
	case w.Owns(f.UserID):
		return own
	}
	return shown
}

func countMatching(w store.Viewer, f store.Filter) *Statement {
	f.Behind = uuid.Nil
	of := `SELECT 1 FROM videos WHERE true` + matching(f)
	if _, all := w.Scope(); !all {
		of = idsSeen(w, f)
	}
	return together("count videos", `SELECT count(*) FROM (`+of+` LIMIT @most) AS counted`)
}

func listMatching(w store.Viewer, f store.Filter) *Statement {
	const list = `SELECT ` + videoColumns + ` FROM videos WHERE `
	if _, all := w.Scope(); !all {
		return together("list videos", list+`id {pick}`+idsSeen(w, f)+` ORDER BY 1 DESC LIMIT @size OFFSET @skip{picked} ORDER BY id DESC`)
	}
	matches := matching(f)
	if f.Behind != uuid.Nil {
		matches += ` AND id < @behind`
	}
	return together("list videos", list+`true`+matches+` ORDER BY id DESC LIMIT @size OFFSET @skip`)
}

// Videos lists newest first. It counts no more than is told.
func (p *Protocol) Videos(ctx context.Context, w store.Viewer, f store.Filter, page store.Page) ([]store.Video, int, error) {
	args := seenBy(w, Args{
		"user": f.UserID, "state": f.State, "behind": f.Behind, "most": store.MostCounted + 1,
		"size": page.Size, "skip": (page.Number - 1) * page.Size,
	})
	total, err := collect(ctx, p.db.Read, countMatching(w, f), args, scanOne[int])
	if err != nil {
		return nil, 0, p.explain(err, "count videos")
	}
	list, err := collect(ctx, p.db.Read, listMatching(w, f), args, scanVideo)
	if err != nil {
		return nil, 0, p.explain(err, "list videos")
	}
	return asSeenBy(w, list), total[0], nil
}

// statesCounted counts the videos in each state; one state may come twice.
var statesCounted = statement("count states", `
	SELECT {ended as}, count(*) FROM videos WHERE {ended} GROUP BY 1
	 UNION ALL
	SELECT state, count(*) FROM videos WHERE {waiting} GROUP BY state
	 UNION ALL
	SELECT state, count(*) FROM videos WHERE {active} AND NOT ({ended}) GROUP BY state`)

// Counts says how many videos are in each state.
func (p *Protocol) Counts(ctx context.Context) (map[store.State]int, error) {
	type count struct {
		state  store.State
		videos int
	}
	list, err := collect(ctx, p.db.Read, statesCounted, nil, func(row Row) (c count, err error) { return c, row.Scan(&c.state, &c.videos) })
	counts := map[store.State]int{}
	for _, c := range list {
		counts[c.state] += c.videos
	}
	return counts, p.explain(err, "count states")
}

var mediaPrefixes = statement("read media prefixes", `SELECT id, coalesce(media_prefix, '') FROM videos WHERE {in id @ids}`)

// MediaPrefixes returns the prefix that each of the videos points to.
func (p *Protocol) MediaPrefixes(ctx context.Context, videos []uuid.UUID) (map[uuid.UUID]string, error) {
	type pointer struct {
		id     uuid.UUID
		prefix string
	}
	list, err := collect(ctx, p.db.Read, mediaPrefixes, Args{"ids": videos}, func(row Row) (p pointer, err error) { return p, row.Scan(&p.id, &p.prefix) })
	prefixes := make(map[uuid.UUID]string, len(list))
	for _, p := range list {
		prefixes[p.id] = p.prefix
	}
	return prefixes, p.explain(err, "read media prefixes")
}
