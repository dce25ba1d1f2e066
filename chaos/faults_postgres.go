package chaos

import (
	"context"
	"math/rand/v2"
	"time"
)

// postgresFaults are what happens to Postgres and to the way there.
var postgresFaults = []card{
	onPostgres("postgres-restart", blink, postgresStop, postgresStart),
	onPostgres("postgres-crash", blink, postgresKill, postgresStart),
	onPostgres("postgres-refuses", outage, postgresCut, postgresMend),
	onPostgres("postgres-silent", outage, postgresSilent, postgresHeal),
	onPostgres("postgres-commit-answer-lost", moment, postgresAnswersLost, postgresHeal),
	onPostgres("postgres-resets", moment, postgresResets, postgresHeal),
	postgresSlowCommits,
	onPostgres("postgres-connections-killed", span{}, postgresTerminate, nil),
	onPostgres("postgres-no-connections", outage, postgresShutOut, postgresLetIn),
}

func onPostgres(name string, lasts span, strike, lift act) card {
	return ofServer("postgres", name, lasts, strike, lift)
}

func postgresStop(_ context.Context, s *stage) error { return s.postgres.Stop() }

func postgresKill(_ context.Context, s *stage) error {
	s.postgres.Kill()
	return nil
}

func postgresStart(ctx context.Context, s *stage) error {
	return persist(ctx, patience, s.postgres.Start)
}

func postgresCut(_ context.Context, s *stage) error {
	s.toPostgres.cut()
	return nil
}

func postgresMend(ctx context.Context, s *stage) error { return s.toPostgres.mend(ctx) }

func postgresSilent(_ context.Context, s *stage) error { return s.toPostgres.swallow(upstream) }

// postgresAnswersLost lets statements through and loses what comes back: they
// are committed, and no client is told.
func postgresAnswersLost(_ context.Context, s *stage) error { return s.toPostgres.swallow(downstream) }

func postgresResets(_ context.Context, s *stage) error { return s.toPostgres.reset(downstream) }

func postgresHeal(ctx context.Context, s *stage) error { return s.toPostgres.heal(ctx) }

// postgresSlowCommits makes every answer late.
func postgresSlowCommits(chance *rand.Rand, _ Options) Fault {
	by := between(chance, time.Second, 5*time.Second)
	return Fault{
		Name: "postgres-slow-commits", On: "postgres", Detail: by.String() + " each",
		For:    between(chance, 5*time.Second, 12*time.Second),
		strike: func(_ context.Context, s *stage, _ *Strike) error { return s.toPostgres.slow(downstream, by) },
		lift:   postgresHeal,
	}
}

func postgresTerminate(ctx context.Context, s *stage) error {
	return s.ask(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1`, role)
}

// postgresShutOut cuts every connection and lets no new one in, as a server
// does whose connections are used up.
func postgresShutOut(ctx context.Context, s *stage) error {
	if err := s.ask(ctx, `ALTER ROLE app CONNECTION LIMIT 0`); err != nil {
		return err
	}
	return postgresTerminate(ctx, s)
}

func postgresLetIn(ctx context.Context, s *stage) error {
	return s.ask(ctx, `ALTER ROLE app CONNECTION LIMIT -1`)
}

// ask runs a statement of our own, past the proxy. A server that has just come
// back may have cut our connection too.
func (s *stage) ask(ctx context.Context, sql string, args ...any) error {
	return persist(ctx, patience, func(ctx context.Context) error {
		_, err := s.db.Exec(ctx, sql, args...)
		return err
	})
}
