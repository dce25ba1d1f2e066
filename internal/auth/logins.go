package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	loginLife   = 24 * time.Hour     // since it was last used
	longestLife = 7 * 24 * time.Hour // since it began
	usedNoted   = time.Minute        // a use is written down once in that time
	mostLogins  = 100                // of one user; the oldest makes room for another
	redisTime   = 2 * time.Second    // what a browser waits for Redis
	maxAgent    = 200                // bytes of a browser's name that are kept
)

// Holder is whose a login is.
type Holder struct {
	User string // id
	Mark string // of the user's password when the login began: another one ends the login
}

// Login is a browser that has logged in.
type Login struct {
	ID      string // names it, and tells nothing of its cookie
	Holder  Holder
	Begun   time.Time
	Used    time.Time // within a minute
	Agent   string    // what the browser calls itself; not to be trusted
	Address string    // where it was used last
}

// record is a login as Redis keeps it.
type record struct {
	User    string `json:"user"`
	Mark    string `json:"mark,omitempty"`
	Begun   int64  `json:"begun"` // in seconds since 1970
	Used    int64  `json:"used"`
	Agent   string `json:"agent,omitempty"`
	Address string `json:"address,omitempty"`
}

// Logins are those of all browsers, in Redis. A login is named by the HMAC of its cookie
// under a secret: who reads Redis, or an id, learns neither, and another secret ends all
// of them. Beside them stands a list for each user. It is safe for concurrent use by any
// number of processes.
type Logins struct {
	redis  redis.UniversalClient
	secret []byte
	now    func() time.Time
}

// NewLogins returns the logins in a Redis, which the caller closes. now is the clock;
// nil: time.Now.
func NewLogins(r redis.UniversalClient, secret string, now func() time.Time) *Logins {
	if now == nil {
		now = time.Now
	}
	return &Logins{redis: r, secret: []byte(secret), now: now}
}

// idOf returns the id of the login with that cookie.
func (l *Logins) idOf(cookie string) string {
	mac := hmac.New(sha256.New, l.secret)
	mac.Write([]byte(cookie))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

func nameOf(id string) string { return "heyq:session:" + id }

// listOf names the list of a user's logins, scored by when they began.
func listOf(user string) string { return "heyq:sessions:" + user }

// begin begins a login, and returns its cookie. It is a new one each time: one that a
// stranger knows from before is of no use to the stranger.
func (l *Logins) begin(ctx context.Context, h Holder, agent, address string) (cookie string, err error) {
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	cookie = rand.Text()
	id, now := l.idOf(cookie), l.now()
	value, err := json.Marshal(record{h.User, h.Mark, now.Unix(), now.Unix(), agent[:min(len(agent), maxAgent)], address})
	if err != nil {
		return "", err
	}
	list := listOf(h.User)
	var others *redis.StringSliceCmd
	_, err = l.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Set(ctx, nameOf(id), value, loginLife)
		p.ZAdd(ctx, list, redis.Z{Score: float64(now.Unix()), Member: id})
		p.ZRemRangeByScore(ctx, list, "-inf", strconv.FormatInt(now.Add(-longestLife).Unix(), 10))
		p.Expire(ctx, list, longestLife+loginLife)
		others = p.ZRange(ctx, list, 0, -mostLogins-1)
		return nil
	})
	if err != nil {
		return "", err
	}
	return cookie, l.forget(ctx, h.User, others.Val()...)
}

// find returns the login of a cookie; its ID is empty if there is none. Its life begins
// anew.
func (l *Logins) find(ctx context.Context, cookie, address string) (Login, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	id := l.idOf(cookie)
	value, err := l.redis.GetEx(ctx, nameOf(id), loginLife).Bytes()
	if errors.Is(err, redis.Nil) {
		return Login{}, nil
	}
	found, ok := l.read(id, value)
	if err != nil || !ok {
		return Login{}, err
	}
	if now := l.now(); now.Sub(found.Used) >= usedNoted {
		found.Used, found.Address = now, address
		_ = l.write(ctx, found) // what is lost of that does not matter
	}
	return found, nil
}

// read reads a record; ok is false if the login is over, or if it is none.
func (l *Logins) read(id string, value []byte) (Login, bool) {
	var r record
	if json.Unmarshal(value, &r) != nil || r.User == "" {
		return Login{}, false
	}
	begun := time.Unix(r.Begun, 0)
	return Login{id, Holder{r.User, r.Mark}, begun, time.Unix(r.Used, 0), r.Agent, r.Address}, l.now().Sub(begun) < longestLife
}

// write writes a login that is there; one that has ended meanwhile stays ended.
func (l *Logins) write(ctx context.Context, n Login) error {
	value, err := json.Marshal(record{n.Holder.User, n.Holder.Mark, n.Begun.Unix(), n.Used.Unix(), n.Agent, n.Address})
	if err != nil {
		return err
	}
	return l.redis.SetArgs(ctx, nameOf(n.ID), value, redis.SetArgs{Mode: "XX", TTL: loginLife}).Err()
}

// List returns a user's logins, the newest first.
func (l *Logins) List(ctx context.Context, user string) ([]Login, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	ids, err := l.redis.ZRevRange(ctx, listOf(user), 0, -1).Result()
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	values := make([]*redis.StringCmd, len(ids))
	_, err = l.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for i, id := range ids {
			values[i] = p.Get(ctx, nameOf(id))
		}
		return nil
	})
	if err != nil && !errors.Is(err, redis.Nil) {
		return nil, err
	}
	var list []Login
	for i, value := range values {
		content, err := value.Bytes()
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, err
		}
		if found, ok := l.read(ids[i], content); ok && found.Holder.User == user {
			list = append(list, found)
		}
	}
	return list, nil
}

// End ends one login of a user; ok is false if there is none with that id.
func (l *Logins) End(ctx context.Context, user, id string) (ok bool, err error) {
	list, err := l.List(ctx, user)
	if err != nil || !slices.ContainsFunc(list, func(n Login) bool { return n.ID == id }) {
		return false, err
	}
	return true, l.forget(ctx, user, id)
}

// EndOthers ends all logins of a holder, but for the one with the id keep, which goes on
// under the holder's mark. An empty keep ends all. It returns how many it ended.
func (l *Logins) EndOthers(ctx context.Context, h Holder, keep string) (int, error) {
	list, err := l.List(ctx, h.User)
	if err != nil {
		return 0, err
	}
	var ended []string
	for _, n := range list {
		if n.ID != keep {
			ended = append(ended, n.ID)
			continue
		}
		n.Holder = h
		if err := l.write(ctx, n); err != nil && !errors.Is(err, redis.Nil) {
			return 0, err
		}
	}
	return len(ended), l.forget(ctx, h.User, ended...)
}

// forget ends logins of a user.
func (l *Logins) forget(ctx context.Context, user string, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	_, err := l.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, id := range ids {
			p.Del(ctx, nameOf(id))
			p.ZRem(ctx, listOf(user), id)
		}
		return nil
	})
	return err
}
