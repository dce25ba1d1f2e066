package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"heyq/store"
)

// staging is a clone of the database with a Redis and a media store of its own,
// and with production's key. It asks what HeyGen has, and sends a create that was
// under way again under its key, which makes no other render; it sends no new one.
func staging(chance *rand.Rand, _ Options) Fault {
	var clone *child
	return Fault{
		Name: "staging-clone", On: machine, For: between(chance, 4*time.Second, 8*time.Second),
		strike: func(ctx context.Context, s *stage, _ *Strike) (err error) {
			if err := s.copyDatabase(ctx, clonedDatabase); err != nil {
				return err
			}
			if err := s.ofClone(ctx, func(conn *pgx.Conn) error {
				_, err := conn.Exec(ctx, `CREATE TABLE chaos.unsent AS SELECT id FROM videos WHERE sent_at IS NULL`)
				return err
			}); err != nil {
				return err
			}
			own := "staging-" + time.Now().Format("150405") // of an earlier clone's it would be turned away
			clone, err = s.process(own, "worker", "DATABASE_URL="+s.postgres.URL(clonedDatabase), "HEYQ_QUEUE_PREFIX="+own, "HEYQ_MEDIA_URL=file://"+s.path(own, "media"))
			if err != nil {
				return err
			}
			return clone.start()
		},
		lift: func(ctx context.Context, s *stage) error {
			defer clone.close()
			err := s.sentNothing(ctx)
			clone.close()
			return errors.Join(err, s.maintain(ctx, `DROP DATABASE `+clonedDatabase+` WITH (FORCE)`))
		},
	}
}

// sentNothing is an error unless the clone waits for a person.
func (s *stage) sentNothing(ctx context.Context) error {
	return persist(ctx, patience, func(ctx context.Context) error {
		var reason string
		var sent int
		err := s.ofClone(ctx, func(conn *pgx.Conn) error {
			return conn.QueryRow(ctx, `
				SELECT coalesce(reason, ''), (SELECT count(*) FROM videos JOIN chaos.unsent USING (id) WHERE sent_at IS NOT NULL)
				  FROM admission`).Scan(&reason, &sent)
		})
		if err == nil && (sent > 0 || reason != store.CopiedReason) {
			err = fmt.Errorf("the clone sent %s; its admission: %q", count(sent, "video"), reason)
		}
		return err
	})
}

// ofClone does something in the copied database.
func (s *stage) ofClone(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.postgres.URL(clonedDatabase))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return do(conn)
}

// setBackDatabase puts an older copy into the place of the database, as an
// operator does who restores a backup.
func setBackDatabase(at, after time.Duration) []Fault {
	return []Fault{
		{Name: "database-copied", On: machine, At: at, strike: func(ctx context.Context, s *stage, _ *Strike) error { return s.copyDatabase(ctx, earlier) }},
		{Name: "database-set-back", On: machine, At: after, strike: func(ctx context.Context, s *stage, _ *Strike) error { return s.setBack(ctx) }},
	}
}
