package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/config"
	"heyq/internal/redishook"
)

// redisLog takes what go-redis says of its connections, which it says of each
// attempt: who calls Redis gets the error, and says it once.
type redisLog struct{ log zerolog.Logger }

// quietRedis guards go-redis' one logger, which all clients of a process share.
var quietRedis sync.Once

// Printf implements go-redis' logger.
func (l redisLog) Printf(_ context.Context, format string, args ...any) {
	l.log.Debug().Msgf(format, args...)
}

func (a *App) openRedis(ctx context.Context) error {
	quietRedis.Do(func() { redis.SetLogger(redisLog{a.log}) })
	if !a.config.Redis.URL.IsSet() {
		return a.embedRedis()
	}
	a.dialRedis = func() redis.UniversalClient {
		return redishook.PrefixOf(a.config.Redis.Prefix).On(redisClient(a.config.Redis.Target))
	}
	client := a.dialRedis()
	a.useRedis(client)
	a.onClose(func() error { return closeRedis(client) })
	a.where.Redis = a.config.Redis.URL.String()
	if word := a.config.Redis.Prefix; word != "" {
		a.where.Redis += " with the prefix " + word
	}
	// The rows are the truth: an API without Redis takes requests all the same,
	// and the outage has told of it.
	_ = client.Ping(ctx).Err()
	return nil
}

// useRedis adds the hooks that observe a client. The outage's comes before the
// statistics', so that its pauses do not count as Redis' time.
func (a *App) useRedis(client redis.UniversalClient) {
	a.redis, a.outage = client, redishook.NewOutage(a.log)
	client.AddHook(a.outage)
	if a.stats != nil {
		client.AddHook(a.stats.Redis())
	}
}

// asynqRedis is the Redis of an asynq server. Its subscriber falls over when the
// client that it listens with is closed, which a worker that must stop does if
// Redis does not answer. So it listens with a client of its own.
type asynqRedis struct {
	redis.UniversalClient
	listening redis.UniversalClient
	prefix    redishook.Prefix
}

// Subscribe implements redis.UniversalClient.
func (r asynqRedis) Subscribe(ctx context.Context, channels ...string) *redis.PubSub {
	names := make([]string, len(channels))
	for i, channel := range channels {
		names[i] = r.prefix.Channel(channel)
	}
	return r.listening.Subscribe(ctx, names...)
}

// closeRedis closes a client that a worker may have closed already, if Redis
// kept it from stopping.
func closeRedis(client redis.UniversalClient) error {
	if err := client.Close(); !errors.Is(err, redis.ErrClosed) {
		return err
	}
	return nil
}

// redisClient makes the client of a Redis.
func redisClient(t config.RedisTarget) redis.UniversalClient {
	secure, err := t.TLSConfig()
	if err != nil { // the files were there when the configuration was read
		secure = &tls.Config{RootCAs: x509.NewCertPool()}
	}
	switch t.Kind {
	case config.RedisCluster:
		return redis.NewClusterClient(&redis.ClusterOptions{
			Addrs: t.Addrs, Username: t.Username, Password: t.Password.Reveal(), TLSConfig: secure,
			ClusterStateReloadInterval: clusterLook,
		})
	case config.RedisSentinel:
		return redis.NewFailoverClient(&redis.FailoverOptions{
			MasterName: t.Master, SentinelAddrs: t.Addrs, TLSConfig: secure,
			SentinelUsername: t.SentinelUsername, SentinelPassword: t.SentinelPassword.Reveal(),
			Username: t.Username, Password: t.Password.Reveal(), DB: t.DB,
		})
	}
	return redis.NewClient(&redis.Options{
		Network: t.Network, Addr: t.Addrs[0], Username: t.Username, Password: t.Password.Reveal(), DB: t.DB, TLSConfig: secure,
	})
}

// clusterLook is how often a client asks a cluster who its masters are. go-redis
// does not ask when a master cannot be reached, and would wait for the dead one
// for a minute though its replica has taken over.
const clusterLook = time.Second

// clockTick is how often the embedded Redis is told what time it is.
const clockTick = time.Second

// embedRedis runs a Redis inside this process. It forgets everything with the
// process, which is safe: the queues are rebuilt from the store. Its clock
// stands still unless it is moved, and then nothing would ever expire.
func (a *App) embedRedis() error {
	embedded := miniredis.NewMiniRedis()
	dial, stop, err := insideRedis(embedded)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(clockTick)
	stopped := make(chan struct{})
	go func() {
		for {
			select {
			case <-stopped:
				return
			case <-ticker.C:
				embedded.FastForward(clockTick)
			}
		}
	}()
	a.dialRedis = dial
	client := a.dialRedis()
	a.useRedis(client)
	a.where.Redis = "embedded in this process"
	a.onClose(func() error {
		ticker.Stop()
		close(stopped)
		stop()
		return nil
	})
	a.onClose(func() error { return closeRedis(client) })
	return nil
}
