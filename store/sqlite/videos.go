package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"heyq/store"
)

// origin is a video's store.Origin.
const origin = `coalesce(traceparent, ''), coalesce(request_id, '')`

// videoColumns are what scanVideo reads. They carry no table's name: RETURNING
// knows none.
const videoColumns = `id, user_id, state, title, description, priority, CASE WHEN not_before > created_at THEN not_before END, metadata, notify_url, request,
	coalesce(heygen_id, ''), submission, sends > 0, heygen_id IS NOT NULL AND NOT render_dead AND heygen_deleted_at IS NULL,
	CASE WHEN state = 'submitting' THEN coalesce(last_answer, '') ELSE '' END, failure, coalesce(media_prefix, ''), file, timeline, created_at, completed_at, files_removed_at, ` + origin

func scanVideo(row scanner) (v store.Video, err error) {
	var timeline []event
	err = row.Scan(&v.ID, &v.UserID, &v.State, &v.Title, &v.Description, &v.Priority, asTime(&v.NotBefore), asJSON(&v.Metadata), &v.NotifyURL, asText(&v.Request),
		&v.HeyGenID, &v.Submission, &v.MayBeBilled, &v.Resumable,
		&v.LastAnswer, asJSON(&v.Failure), &v.MediaPrefix, asJSON(&v.File), asJSON(&timeline), asTime(&v.CreatedAt), asTime(&v.CompletedAt), asTime(&v.FilesRemovedAt),
		&v.Origin.Trace, &v.Origin.Request)
	for _, e := range timeline {
		v.Timeline = append(v.Timeline, store.Event{State: e.State, At: time.UnixMicro(e.At).UTC()})
	}
	return v, err
}

// event is a store.Event as the timeline column keeps it.
type event struct {
	State store.State `json:"state"`
	At    int64       `json:"at"`
}

// Video returns one video.
func (s *Store) Video(ctx context.Context, id uuid.UUID) (store.Video, error) {
	list, err := s.VideosByID(ctx, []uuid.UUID{id})
	if err != nil {
		return store.Video{}, err
	}
	if len(list) == 0 {
		return store.Video{}, store.ErrNotFound(id)
	}
	return list[0], nil
}

// VideosByID returns those that exist.
func (s *Store) VideosByID(ctx context.Context, ids []uuid.UUID) ([]store.Video, error) {
	list, err := collect(ctx, s.reader, scanVideo,
		`SELECT `+videoColumns+` FROM videos WHERE id IN (SELECT value FROM json_each(:ids))`, idList(ids))
	return list, explain(err, "read videos")
}

func idList(ids []uuid.UUID) sql.NamedArg {
	encoded, _ := json.Marshal(ids) // of ids: it cannot fail
	return sql.Named("ids", string(encoded))
}

// Videos lists newest first and counts what the filter lets through.
func (s *Store) Videos(ctx context.Context, f store.Filter, p store.Page) ([]store.Video, int, error) {
	matches, filter := matching(f), []any{sql.Named("user", f.UserID), sql.Named("state", string(f.State))}
	var total int
	if err := s.reader.QueryRowContext(ctx, `SELECT count(*)`+matches, filter...).Scan(&total); err != nil {
		return nil, 0, explain(err, "count videos")
	}
	list, err := collect(ctx, s.reader, scanVideo,
		`SELECT `+videoColumns+matches+` ORDER BY id DESC LIMIT :size OFFSET :skip`,
		append(filter, sql.Named("size", p.Size), sql.Named("skip", (p.Number-1)*p.Size))...)
	if err != nil {
		return nil, 0, explain(err, "list videos")
	}
	return list, total, nil
}

// matching says which videos a filter lets through. Each condition stands in it
// only where it is asked for, so that an index is used.
func matching(f store.Filter) string {
	matches := ` FROM videos WHERE true`
	if f.UserID != "" {
		matches += ` AND user_id = :user`
	}
	switch {
	case f.State.Final():
		matches += ` AND state = :state AND ` + ended
	case f.State != "":
		matches += ` AND id IN (SELECT id FROM videos WHERE state = :state AND ` + waiting + `
		             UNION ALL SELECT id FROM videos WHERE state = :state AND ` + open + `)`
	}
	return matches
}

// statesCounted counts the videos in each state; one state may come twice.
const statesCounted = `
	SELECT state, count(*) FROM videos WHERE ` + ended + ` GROUP BY state
	 UNION ALL
	SELECT state, count(*) FROM videos WHERE ` + waiting + ` GROUP BY state
	 UNION ALL
	SELECT state, count(*) FROM videos WHERE ` + open + ` AND NOT ` + ended + ` GROUP BY state`

// Counts says how many videos are in each state.
func (s *Store) Counts(ctx context.Context) (map[store.State]int, error) {
	counts := map[store.State]int{}
	_, err := collect(ctx, s.reader, func(row scanner) (state store.State, err error) {
		var n int
		err = row.Scan(&state, &n)
		counts[state] += n
		return state, err
	}, statesCounted)
	return counts, explain(err, "count states")
}

// MediaPrefixes returns the prefix that each of the videos points to.
func (s *Store) MediaPrefixes(ctx context.Context, videos []uuid.UUID) (map[uuid.UUID]string, error) {
	prefixes := make(map[uuid.UUID]string, len(videos))
	_, err := collect(ctx, s.reader, func(row scanner) (id uuid.UUID, err error) {
		var prefix string
		err = row.Scan(&id, &prefix)
		prefixes[id] = prefix
		return id, err
	}, `SELECT id, coalesce(media_prefix, '') FROM videos WHERE id IN (SELECT value FROM json_each(:ids))`, idList(videos))
	return prefixes, explain(err, "read media prefixes")
}
