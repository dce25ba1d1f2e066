package app

import (
	"context"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/config"
	"heyq/internal/redishook"
	"heyq/media"
	"heyq/operate/doctor"
	"heyq/store/postgres"
)

// Examine has the doctor look at everything that a heyq of this environment needs,
// opened as a start opens it. running asks the heyq at HEYQ_URL how it is.
func Examine(ctx context.Context, environ []string, running doctor.Running) doctor.Findings {
	quietRedis.Do(func() { redis.SetLogger(redisLog{zerolog.Nop()}) })
	return doctor.Examine(ctx, doctor.Options{
		Environ: environ, Running: running,
		Postgres: func(ctx context.Context, c config.Config) (doctor.Store, error) {
			return openPostgres(ctx, c, postgres.WithConnections(2))
		},
		Redis: func(c config.Config) redis.UniversalClient {
			return redishook.PrefixOf(c.Redis.Prefix).On(redisClient(c.Redis.Target))
		},
		Media: func(ctx context.Context, url, spool string) (doctor.Media, error) {
			library, err := media.Open(ctx, media.Options{URL: url, Spool: spool})
			if err != nil {
				return nil, refused(url, err)
			}
			return mediaPlace{library, url}, nil
		},
	})
}

// TryWrite implements doctor.Media.
func (p mediaPlace) TryWrite(ctx context.Context) error {
	return refused(p.url, p.library.TryWrite(ctx))
}

// Close implements doctor.Media.
func (p mediaPlace) Close() error { return p.library.Close() }

// refused names what a media store does not accept, if that is why err came.
func refused(where string, err error) error {
	if media.Refuses(err) {
		return mediaRefuses(where, err)
	}
	return err
}
