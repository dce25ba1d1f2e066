package config

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"heyq/internal/suggest"
)

// Warning is something that works and is probably not meant.
type Warning struct {
	Variable string
	Message  string
}

// String returns the warning in one line.
func (w Warning) String() string { return w.Variable + ": " + w.Message }

// limit is the safe side of one duration, and what lies on the other.
type limit struct {
	name  string
	value func(Protocol) time.Duration
	most  bool // the limit is an upper one
	limit time.Duration
	why   string
}

var limits = []limit{
	{
		"HEYQ_CREATE_TIMEOUT", func(p Protocol) time.Duration { return p.CreateTimeout }, false, time.Minute,
		"creates that HeyGen accepts late are cut off, and have to be sent again or searched for",
	},
	{
		"HEYQ_GRACE", func(p Protocol) time.Duration { return p.Grace }, false, 30 * time.Minute,
		"HeyGen may list a render later than that, and a video that was paid for would be taken for unsent",
	},
	{
		"HEYQ_KEY_LIFETIME", func(p Protocol) time.Duration { return p.KeyLifetime }, true, 23 * time.Hour,
		"HeyGen forgets a key after 24h, and sending it again then pays twice",
	},
	{
		"HEYQ_LEASE", func(p Protocol) time.Duration { return p.Lease }, false, 10 * time.Second,
		"a worker or database that pauses for a moment loses its videos to another worker",
	},
	{
		"HEYQ_SEARCH_INTERVAL", func(p Protocol) time.Duration { return p.SearchInterval }, false, 10 * time.Second,
		"each search lists videos at HeyGen, which may answer 429",
	},
	{
		"HEYQ_SEARCH_TIMEOUT", func(p Protocol) time.Duration { return p.SearchTimeout }, false, 24 * time.Hour,
		"a longer outage of HeyGen leaves its unclear creates to a person",
	},
	{
		"HEYQ_NOT_FOUND_AFTER", func(p Protocol) time.Duration { return p.NotFoundAfter }, false, 5 * time.Minute,
		"HeyGen can answer 404 for a render for a while, and a paid video would fail",
	},
	{
		"HEYQ_REDISPATCH", func(p Protocol) time.Duration { return p.Redispatch }, false, time.Minute,
		"tasks that only wait in a queue are sent again and again",
	},
	{
		"HEYQ_RENDER_TIMEOUT", func(p Protocol) time.Duration { return p.RenderTimeout }, false, 30 * time.Minute,
		"renders take 5 to 15 minutes and at times longer, and HeyGen bills them all the same",
	},
	{
		"HEYQ_SLOT_WRITEOFF", func(p Protocol) time.Duration { return p.SlotWriteoff }, false, 24 * time.Hour,
		"HeyGen may still count the render, and more would be in flight than the account allows",
	},
}

// unsafe warns of values that are on the wrong side of a limit, and of
// variables that do not go together.
func (r *reader) unsafe() []Warning {
	var list []Warning
	for _, l := range limits {
		value := l.value(r.config.Protocol)
		if r.wrong[l.name] {
			continue
		}
		if l.most && value > l.limit {
			list = append(list, Warning{l.name, fmt.Sprintf("%s is more than the safe %s: %s", short(value), short(l.limit), l.why)})
		}
		if !l.most && value < l.limit {
			list = append(list, Warning{l.name, fmt.Sprintf("%s is less than the safe %s: %s", short(value), short(l.limit), l.why)})
		}
	}
	return slices.Concat(list, r.mismatched(), r.hasty(), r.readable())
}

func (r *reader) mismatched() []Warning {
	var list []Warning
	c := r.config
	if c.Protocol.ResubmitUnfound {
		list = append(list, Warning{"HEYQ_RESUBMIT_UNFOUND", "an unclear create is rendered again after a day, which can pay twice"})
	}
	if !r.wrong["HEYQ_REDISPATCH"] && !r.wrong["HEYQ_LEASE"] && c.Protocol.Redispatch <= c.Protocol.Lease {
		list = append(list, Warning{"HEYQ_REDISPATCH", fmt.Sprintf(
			"%s is not more than HEYQ_LEASE (%s): tasks that are about to begin are sent again", short(c.Protocol.Redispatch), short(c.Protocol.Lease))})
	}
	if _, set := r.values["HEYGEN_API_URL"]; set && !c.HeyGen.APIKey.IsSet() {
		list = append(list, Warning{"HEYGEN_API_URL", "is not used without HEYGEN_API_KEY: heyq runs its own simulator"})
	}
	if u, err := url.Parse(c.Redis.URL.Reveal()); err == nil && c.Redis.Target.Kind != RedisCluster && u.User.Username() != "" {
		list = append(list, Warning{"REDIS_URL", "the user name in it is not used; only redis-cluster:// takes one"})
	}
	return list
}

// unknown warns of variables that resemble heyq's and are not, which is what
// a slip of the pen makes. HEYQ_TEST_ is left to the tests.
func (r *reader) unknown() []Warning {
	var known []string
	for _, v := range r.vars {
		known = append(known, v.Name)
		if v.Secret {
			known = append(known, v.Name+"_FILE")
		}
	}
	var list []Warning
	for _, name := range slices.Sorted(maps.Keys(r.values)) {
		ours := strings.HasPrefix(name, "HEYQ_") || strings.HasPrefix(name, "HEYGEN_")
		if !ours || strings.HasPrefix(name, "HEYQ_TEST_") || slices.Contains(known, name) {
			continue
		}
		list = append(list, Warning{name, "is not known to heyq; did you mean " + suggest.Nearest(name, known) + "?"})
	}
	return list
}

// short is a duration as people write it: 30m, and not 30m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
