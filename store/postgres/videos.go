package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"heyq/store"
)

// origin is a video's store.Origin.
const origin = `coalesce(v.traceparent, ''), coalesce(v.request_id, '')`

// videoColumns are what scanVideo reads.
const videoColumns = `v.id, v.user_id, v.state, v.title, v.description, v.priority, CASE WHEN v.not_before > v.created_at THEN v.not_before END, v.metadata, v.notify_url, v.request,
	coalesce(v.heygen_id, ''), v.submission, v.sends > 0, v.heygen_id IS NOT NULL AND NOT v.render_dead AND v.heygen_deleted_at IS NULL,
	CASE WHEN v.state = 'submitting' THEN coalesce(v.last_answer, '') ELSE '' END, v.failure, coalesce(v.media_prefix, ''), v.file, v.timeline, v.created_at, v.completed_at, v.files_removed_at, ` + origin

func scanVideo(row pgx.CollectableRow) (v store.Video, err error) {
	err = row.Scan(&v.ID, &v.UserID, &v.State, &v.Title, &v.Description, &v.Priority, asTime(&v.NotBefore), &v.Metadata, &v.NotifyURL, &v.Request,
		&v.HeyGenID, &v.Submission, &v.MayBeBilled, &v.Resumable,
		&v.LastAnswer, &v.Failure, &v.MediaPrefix, &v.File, &v.Timeline, asTime(&v.CreatedAt), asTime(&v.CompletedAt), asTime(&v.FilesRemovedAt),
		&v.Origin.Trace, &v.Origin.Request)
	for i := range v.Timeline {
		v.Timeline[i].At = v.Timeline[i].At.UTC()
	}
	return v, err
}

// timestamp reads a time in UTC, and NULL as the zero time.
type timestamp time.Time

func asTime(to *time.Time) *timestamp { return (*timestamp)(to) }

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (t *timestamp) ScanTimestamptz(v pgtype.Timestamptz) error {
	*t = timestamp(v.Time.UTC())
	return nil
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
	list, err := collect(ctx, s, scanVideo, `SELECT `+videoColumns+` FROM videos v WHERE id = ANY ($1)`, ids)
	return list, explain(err, "read videos")
}

// Videos lists newest first and counts what the filter lets through. Each condition
// stands in the statement only where it is asked for, so that a plan that is kept
// can use the index.
func (s *Store) Videos(ctx context.Context, f store.Filter, p store.Page) ([]store.Video, int, error) {
	matches := ` FROM videos v WHERE true`
	args := pgx.NamedArgs{"user": f.UserID, "state": f.State, "size": p.Size, "skip": (p.Number - 1) * p.Size}
	if f.UserID != "" {
		matches += ` AND user_id = @user`
	}
	switch {
	case f.State.Final():
		matches += ` AND ended_as = @state`
	case f.State != "":
		matches += ` AND state = @state AND ` + unended
	}
	total, err := collect(ctx, s, pgx.RowTo[int], `SELECT count(*)`+matches, args)
	if err != nil {
		return nil, 0, explain(err, "count videos")
	}
	list, err := collect(ctx, s, scanVideo, `SELECT `+videoColumns+matches+` ORDER BY id DESC LIMIT @size OFFSET @skip`, args)
	if err != nil {
		return nil, 0, explain(err, "list videos")
	}
	return list, total[0], nil
}

// unended is true of videos that have not ended, and lets their two small indexes
// find them.
const unended = `(waiting OR active) AND ended_as IS NULL`

// Counts says how many videos are in each state.
func (s *Store) Counts(ctx context.Context) (map[store.State]int, error) {
	type count struct {
		State  store.State
		Videos int
	}
	rows, err := collect(ctx, s, pgx.RowToStructByPos[count], `
		SELECT ended_as, count(*) FROM videos WHERE ended_as IS NOT NULL GROUP BY 1
		UNION ALL
		SELECT state, count(*) FROM videos WHERE `+unended+` GROUP BY 1`)
	counts := make(map[store.State]int, len(rows))
	for _, row := range rows {
		counts[row.State] = row.Videos
	}
	return counts, explain(err, "count states")
}

// MediaPrefixes returns which of the prefixes a row points to.
func (s *Store) MediaPrefixes(ctx context.Context, videos []uuid.UUID) (map[uuid.UUID]string, error) {
	type pointer struct {
		ID     uuid.UUID
		Prefix string
	}
	rows, err := collect(ctx, s, pgx.RowToStructByPos[pointer],
		`SELECT id, coalesce(media_prefix, '') FROM videos WHERE id = ANY ($1)`, videos)
	prefixes := make(map[uuid.UUID]string, len(rows))
	for _, row := range rows {
		prefixes[row.ID] = row.Prefix
	}
	return prefixes, explain(err, "read media prefixes")
}
