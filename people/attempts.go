package people

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"heyq/internal/fault"
)

// attemptLimit is how often a password may be tried for one e-mail, from wherever and in
// all processes together: thirty times, and then once in two minutes. So who floods an
// e-mail has 750 guesses a day, and its user still gets in between.
var attemptLimit = redis_rate.Limit{Rate: 1, Burst: 30, Period: 2 * time.Minute}

// counters is how many there are. E-mails share them, so that a million made-up ones fill
// no memory.
const counters = 1 << 14

// attempts counts passwords that are tried, in Redis.
type attempts struct{ redis redis.UniversalClient }

func counterOf(email string) string {
	sum := sha256.Sum256([]byte(cases.Fold().String(norm.NFKC.String(email))))
	return fmt.Sprintf("heyq:attempts:%d", binary.BigEndian.Uint64(sum[:])%counters)
}

// note counts one for an e-mail, before it is looked at: many at once are no way around.
// It returns how long the next one has to wait, zero if this one may go on.
func (a attempts) note(ctx context.Context, email string) (wait time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	result, err := redis_rate.NewLimiter(a.redis).Allow(ctx, counterOf(email), attemptLimit)
	switch {
	case err != nil:
		return 0, fault.Wrap(err, fault.Unavailable, "passwords are counted in Redis, which does not answer").WithHint("try again in a moment")
	case result.Allowed > 0:
		return 0, nil
	}
	return result.RetryAfter, nil
}

const attemptTime = 2 * time.Second // what a password waits for Redis

// forget forgets those for an e-mail, whose user has come in. What is lost of that does
// not matter.
func (a attempts) forget(ctx context.Context, email string) {
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	_ = redis_rate.NewLimiter(a.redis).Reset(ctx, counterOf(email))
}
