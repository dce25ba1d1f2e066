package chaos

import (
	"context"
	"math/rand/v2"
	"time"
)

// postgresFaults are what happens to Postgres and to the way there.
var postgresFaults = []card{
	onPostgres("postgres-restart", 200*time.Millisecond, 2*time.Second, postgresStop, postgresStart),
	onPostgres("postgres-crash", 200*time.Millisecond, 2*time.Second, postgresKill, postgresStart),
	onPostgres("postgres-refuses", 2*time.Second, 10*time.Second, postgresCut, postgresMend),
	onPostgres("postgres-silent", 2*time.Second, 10*time.Second, postgresSilent, postgresHeal),
	onPostgres("postgres-commit-answer-lost", time.Second, 4*time.Second, postgresAnswersLost, postgresHeal),
	onPostgres("postgres-resets", time.Second, 4*time.Second, postgresResets, postgresHeal),
	postgresSlowCommits,
	onPostgres("postgres-connections-killed", 0, 0, postgresTerminate, nil),
	onPostgres("postgres-no-connections", 2*time.Second, 8*time.Second, postgresShutOut, postgresLetIn),
}

func onPostgres(name string, least, most time.Duration, strike strike, lift lift) card {
	return on("postgres", name, least, most, strike, lift)
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
// are committed, and nobody is told.
func postgresAnswersLost(_ context.Context, s *stage) error { return s.toPostgres.swallow(downstream) }

func postgresResets(_ context.Context, s *stage) error { return s.toPostgres.reset(downstream) }

func postgresHeal(ctx context.Context, s *stage) error { return s.toPostgres.heal(ctx) }

// postgresSlowCommits makes every answer late.
func postgresSlowCommits(chance *rand.Rand, _ Options) Fault {
	by := between(chance, time.Second, 5*time.Second)
	return Fault{
		Name: "postgres-slow-commits", On: "postgres", Detail: by.String() + " each",
		For:    between(chance, 5*time.Second, 12*time.Second),
		strike: func(_ context.Context, s *stage) (string, error) { return "", s.toPostgres.slow(downstream, by) },
		lift:   postgresHeal,
	}
}

func postgresTerminate(ctx context.Context, s *stage) error {
	_, err := s.db.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1`, role)
	return err
}

// postgresShutOut cuts every connection and lets no new one in, as a server
// does whose connections are used up.
func postgresShutOut(ctx context.Context, s *stage) error {
	if _, err := s.db.Exec(ctx, `ALTER ROLE app CONNECTION LIMIT 0`); err != nil {
		return err
	}
	return postgresTerminate(ctx, s)
}

func postgresLetIn(ctx context.Context, s *stage) error {
	return persist(ctx, patience, func(ctx context.Context) error {
		_, err := s.db.Exec(ctx, `ALTER ROLE app CONNECTION LIMIT -1`)
		return err
	})
}
