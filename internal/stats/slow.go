package stats

import (
	"time"

	"github.com/rs/zerolog"
)

// A minute in which everything is slow must not fill the disk: so many lines are
// logged of a type in so much time.
const (
	slowLines  = 5
	slowPeriod = 10 * time.Second
)

// slow logs the operations of a type that take long.
type slow struct {
	kind  Type
	after time.Duration // 0: never
	log   zerolog.Logger
}

func newSlow(t Type, after time.Duration, log zerolog.Logger) *slow {
	return &slow{kind: t, after: after, log: log.Sample(&zerolog.BurstSampler{Burst: slowLines, Period: slowPeriod})}
}

func (s *slow) see(name string, err error, took time.Duration) {
	if s.after <= 0 || took < s.after {
		return
	}
	s.log.Warn().Str("type", string(s.kind)).Str("operation", name).Dur("took", took).Dur("slow_after", s.after).Err(err).
		Msg("a slow operation")
}
