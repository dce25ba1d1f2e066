package sql

import (
	"context"
	"errors"
	"regexp"
	"time"

	"heyq/store"
)

var (
	takeKey = statement("take a key", `
		INSERT INTO idempotency_keys (user_id, key, sum, answer, created_at, expires_at)
		VALUES (@user, @key, @sum, {either '' // x''}, {now}, {now} + {span @life})
		    ON CONFLICT DO NOTHING`)
	keepAnswer = statement("keep an answer", `UPDATE idempotency_keys SET answer = @answer WHERE user_id = @user AND key = @key`)
	readAnswer = statement("read an answer", `SELECT sum, answer FROM idempotency_keys WHERE user_id = @user AND key = @key`)
	forgetKeys = statement("forget keys", `DELETE FROM idempotency_keys WHERE expires_at < {now}`)
)

// CreateVideos inserts all of them or none. Under an idempotency key it takes
// the key first: a second caller with the same key waits for the first one's
// commit, and then gets the first one's answer.
func (p *Protocol) CreateVideos(ctx context.Context, c store.Creation) (store.Created, error) {
	var created store.Created
	err := p.db.InTx(ctx, func(ctx context.Context, do Do) (err error) {
		created, err = create(ctx, do, c)
		return err
	})
	switch {
	case errors.Is(err, ErrAnswerLost):
		return store.Created{}, store.ErrPerhapsCreated(c, err)
	case err != nil:
		return store.Created{}, p.explain(err, "create videos")
	}
	return created, nil
}

func create(ctx context.Context, do Do, c store.Creation) (created store.Created, err error) {
	if c.Once == nil {
		created.Videos, err = insertOnce(ctx, do, c.Videos)
		return created, err
	}
	args := Args{"user": c.Once.UserID, "key": c.Once.Key, "sum": c.Once.Sum[:], "life": store.KeyLife}
	if n, err := exec(ctx, do, takeKey, args); err != nil {
		return created, err
	} else if n == 0 {
		return replay(ctx, do, *c.Once, args)
	}
	if created.Videos, err = insertOnce(ctx, do, c.Videos); err != nil {
		return created, err
	}
	if created.Answer, err = c.Once.Answer(created.Videos); err != nil {
		return created, err
	}
	args["answer"] = created.Answer
	return created, do(ctx, Step{Statement: keepAnswer, Args: args})
}

// replay answers a key that was used before. The other transaction has
// committed by now: its insert is what made ours wait.
func replay(ctx context.Context, do Do, once store.Once, args Args) (store.Created, error) {
	type remembered struct{ sum, answer []byte }
	list, err := collect(ctx, do, readAnswer, args, func(row Row) (r remembered, err error) { return r, row.Scan(&r.sum, &r.answer) })
	switch {
	case err != nil:
		return store.Created{}, err
	case len(list) == 0:
		return store.Created{}, errGone
	case string(list[0].sum) != string(once.Sum[:]):
		return store.Created{}, store.ErrKeyReused(once.Key)
	}
	return store.Created{Answer: list[0].answer, Replayed: true}, nil
}

// insertOnce inserts the videos whose keys are free, and those that have none. It
// returns a row for each video, in their order.
func insertOnce(ctx context.Context, do Do, videos []store.NewVideo) ([]store.Video, error) {
	owners, err := takeKeys(ctx, do, videos)
	if err != nil {
		return nil, err
	}
	inserted, err := insert(ctx, do, owners.Free(videos))
	if err != nil {
		return nil, err
	}
	if earlier := owners.Earlier(videos); len(earlier) > 0 {
		known, err := collect(ctx, do, videosByID, seenBy(store.Everyone(), Args{"ids": earlier}), scanVideo)
		if err != nil {
			return nil, err
		}
		inserted = append(inserted, known...)
	}
	return owners.InOrder(videos, inserted), nil
}

// asked are the idempotency keys of new videos, as records. A key that was used before
// is answered with the id of its video.
const asked = `{records @keys AS n (id uuid, user_id text, key text, sum text)}`

var (
	takeVideoKeys = statement("take keys", `
		INSERT INTO idempotency_keys (user_id, key, sum, answer, created_at, expires_at)
		SELECT user_id, key, {unhex sum}, {either convert_to(id::text, 'UTF8') // CAST(id AS BLOB)}, {now}, {now} + {span @life}
		  FROM `+asked+` WHERE true ORDER BY user_id, key, id
		    ON CONFLICT DO NOTHING`)
	keyOwners = statement("read keys", `
		SELECT n.id, k.key, k.sum = {unhex n.sum}, {either convert_from(k.answer, 'UTF8')::uuid // CAST(k.answer AS TEXT)}
		  FROM `+asked+` JOIN idempotency_keys k ON k.user_id = n.user_id AND k.key = n.key`)
)

// takeKeys takes the keys of videos, always in one order, and says whose each is
// now. It waits for a transaction that has taken one and not ended.
func takeKeys(ctx context.Context, do Do, videos []store.NewVideo) (store.KeyOwners, error) {
	keys := store.KeysOf(videos)
	if len(keys) == 0 {
		return nil, nil
	}
	args := Args{"keys": list{keys}, "life": store.VideoKeyLife}
	var found []store.KeyOwner
	err := do(ctx, Step{Statement: takeVideoKeys, Args: args}, rows(keyOwners, args, func(row Row) (o store.KeyOwner, err error) {
		return o, row.Scan(&o.Asked, &o.Key, &o.Same, &o.Owner)
	}, &found))
	if err != nil {
		return nil, err
	}
	return store.OwnersOf(found)
}

// newColumns are those of a new video that are kept as they are given, by the names
// that newRecord has for them.
const newColumns = `id uuid, user_id text, title text, description text, priority smallint, metadata jsonb, notify_url text, traceparent text, request_id text`

// newNames are their names alone.
var newNames = regexp.MustCompile(` \w+(,|$)`).ReplaceAllString(newColumns, "$1")

// newRecord is a video as the insert reads it. Its request is a text: SQLite keeps
// JSON as it was given.
func newRecord(v store.NewVideo) map[string]any {
	r := map[string]any{
		"id":          v.ID,
		"user_id":     v.UserID,
		"title":       v.Title,
		"description": v.Description,
		"priority":    v.Priority,
		"metadata":    v.Metadata,
		"notify_url":  v.NotifyURL,
		"request":     string(v.Request),
		"not_before":  microsOf(v.NotBefore),
	}
	if v.Metadata == nil {
		r["metadata"] = struct{}{}
	}
	if v.Origin.Trace != "" {
		r["traceparent"] = v.Origin.Trace
	}
	if v.Origin.Request != "" {
		r["request_id"] = v.Origin.Request
	}
	return r
}

const begins = `{greatest}({time not_before}, {now})`

var insertVideos = statement("create videos", `
	INSERT INTO videos (`+newNames+`, request, not_before, due_at, created_at, timeline)
	SELECT `+newNames+`, {json request}, `+begins+`, `+begins+`, {now}, {array}({object}('state', 'queued', 'at', {now}))
	  FROM {records @videos AS n (`+newColumns+`, request text, not_before bigint)}
	RETURNING `+videoColumns)

func insert(ctx context.Context, do Do, videos []store.NewVideo) ([]store.Video, error) {
	if len(videos) == 0 {
		return nil, nil
	}
	records := make([]map[string]any, len(videos))
	for i, v := range videos {
		records[i] = newRecord(v)
	}
	return collect(ctx, do, insertVideos, Args{"videos": list{records}}, scanVideo)
}

// microsOf is a time as {time} takes it, within JSON; 0 for the zero time.
func microsOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// ForgetKeys drops the idempotency keys whose life is over.
func (p *Protocol) ForgetKeys(ctx context.Context) (int, error) {
	n, err := exec(ctx, p.db.Write, forgetKeys, nil)
	return n, p.explain(err, "forget idempotency keys")
}
