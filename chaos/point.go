package chaos

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/heygen/simulator"
	"heyq/media"
)

// A point is a moment in the life of a video. It waits for one of the worker's
// videos to come there and keeps it from going on, as far as it can, until
// release is called (nil: nothing to do) or the worker is dead.
type point func(ctx context.Context, s *stage, worker string) (release func(), err error)

// searchTime is how long a point is looked for. A worker that has nothing to do
// cannot be killed in the middle of it.
const searchTime = 4 * time.Second

// missed says that the moment did not come. The worker is killed all the same.
const missed = "missed the moment"

var errMissed = errors.New(missed)

// killAt kills a worker at a point and cuts its connections, so that no
// statement that it has sent is carried out after its death.
func killAt(at point) blow {
	return func(ctx context.Context, s *stage, c *child, hit *Strike) error {
		search, cancel := context.WithTimeout(ctx, searchTime)
		defer cancel()
		release, err := at(search, s, c.name)
		if release != nil {
			defer release()
		}
		if err != nil {
			hit.Said = missed // there was nothing to do just then, or Postgres was away
		}
		hit.Hit = time.Now()
		c.kill()
		return s.ask(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1`, c.name)
	}
}

// beforeCreate: the worker has begun, and HeyGen never gets its create.
func beforeCreate(ctx context.Context, s *stage, worker string) (func(), error) {
	const name = "point-before-create"
	if err := s.heygen.misbehave(name, simulator.Rule{On: "create", Fault: "hang"}); err != nil {
		return nil, err
	}
	behave := func() { _ = s.heygen.behave(name) } // taking a rule back cannot fail
	return behave, until(ctx, func() (bool, error) {
		var found bool
		err := s.db.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM videos v WHERE state = 'submitting' AND lease_until > now()
			          AND sent_at < now() - $2 * interval '1 s' AND `+writtenBy+`)`,
			worker, (s.o.CreateTime + 300*time.Millisecond).Seconds()).Scan(&found)
		return found, err
	})
}

// afterAccept: HeyGen has accepted the create, and the row does not say so yet.
func afterAccept(ctx context.Context, s *stage, worker string) (func(), error) {
	return s.holding(ctx, worker, "submitting", func(id uuid.UUID, _ int64) (bool, error) {
		return s.heygen.accepted("[heyq " + id.String() + "."), nil
	})
}

// afterRow: the row says that HeyGen has accepted it, and nothing more happened.
func afterRow(ctx context.Context, s *stage, worker string) (func(), error) {
	began := time.Now()
	return nil, until(ctx, func() (found bool, err error) {
		err = s.db.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM chaos.tape WHERE writer = $1 AND state = 'rendering' AND heygen_id <> '' AND at > $2)`,
			worker, began).Scan(&found)
		return found, err
	})
}

// midDownload: a part of the file is in the spool.
func midDownload(ctx context.Context, s *stage, worker string) (func(), error) {
	const name = "point-mid-download"
	if err := s.heygen.misbehave(name, simulator.Rule{On: "file", Fault: "slow", Delay: searchTime}); err != nil {
		return nil, err
	}
	behave := func() { _ = s.heygen.behave(name) } // as above
	return behave, until(ctx, func() (bool, error) {
		for _, path := range unfinished(filepath.Join(s.home(worker), "spool")) {
			if info, err := os.Stat(path); err == nil && info.Size() > 0 && strings.Contains(path, media.VideoName) {
				return true, nil
			}
		}
		return false, nil
	})
}

// afterFile: the file is published, and the row does not say so yet.
func afterFile(ctx context.Context, s *stage, worker string) (func(), error) {
	return s.holding(ctx, worker, "downloading", func(id uuid.UUID, run int64) (bool, error) {
		prefix, err := media.PrefixOf(id.String(), run)
		if err != nil {
			return false, err
		}
		_, err = os.Stat(filepath.Join(s.media(), filepath.FromSlash(prefix), media.VideoName))
		return err == nil, nil
	})
}

// writtenBy is true of a row v that the process $1 was the last to write.
const writtenBy = `(SELECT writer FROM chaos.tape t WHERE t.video = v.id ORDER BY n DESC LIMIT 1) = $1`

// holding locks a row that the worker is running in that state, so that it
// cannot write the end, and waits until the moment has come.
func (s *stage) holding(ctx context.Context, worker, state string, come func(uuid.UUID, int64) (bool, error)) (release func(), err error) {
	tx, err := s.db.Begin(ctx)
	if err != nil {
		return nil, err
	}
	release = func() { _ = tx.Rollback(context.WithoutCancel(ctx)) } // a connection that broke has let go as well
	var id uuid.UUID
	var run int64
	err = until(ctx, func() (bool, error) {
		err := tx.QueryRow(ctx, `
			SELECT id, run FROM videos v WHERE state = $2 AND lease_until > now() AND `+writtenBy+`
			 LIMIT 1 FOR UPDATE SKIP LOCKED`, worker, state).Scan(&id, &run)
		if errors.Is(err, pgx.ErrNoRows) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		return release, err
	}
	return release, until(ctx, func() (bool, error) { return come(id, run) })
}

// until asks again and again; errMissed: it never came.
func until(ctx context.Context, come func() (bool, error)) error {
	for {
		ok, err := come()
		if ok || err != nil && ctx.Err() == nil {
			return err
		}
		if !pause(ctx, 3*time.Millisecond) {
			return errMissed
		}
	}
}
