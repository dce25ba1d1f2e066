package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	cookieName  = "heyq_session"
	sessionLife = 24 * time.Hour     // since it was last used
	longestLife = 7 * 24 * time.Hour // since the login
	redisTime   = 2 * time.Second    // what a browser waits for Redis
)

// sessions are those of the browsers that have logged in. In Redis one is named
// by the HMAC of its cookie under the operator token: who reads Redis gets
// neither, and another token ends all sessions.
type sessions struct {
	redis redis.UniversalClient
	token []byte
	now   func() time.Time
}

func (s sessions) name(cookie string) string {
	mac := hmac.New(sha256.New, s.token)
	mac.Write([]byte(cookie))
	return "heyq:session:" + hex.EncodeToString(mac.Sum(nil))
}

// begin returns the cookie of a new session.
func (s sessions) begin(ctx context.Context) (cookie string, err error) {
	ctx, cancel := context.WithTimeout(ctx, redisTime)
	defer cancel()
	cookie = rand.Text()
	return cookie, s.redis.Set(ctx, s.name(cookie), s.now().Unix(), sessionLife).Err()
}

// cookieOf is the name of the cookie. Over TLS it is one that neither another
// host of the domain nor a page without TLS can set (RFC 6265bis).
func cookieOf(overTLS bool) string {
	if overTLS {
		return "__Host-" + cookieName
	}
	return cookieName
}

// known reports whether the request carries the cookie of a session. If so the session's
// life begins anew.
func (s sessions) known(r *http.Request, overTLS bool) (bool, error) {
	cookie, err := r.Cookie(cookieOf(overTLS))
	if err != nil {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), redisTime)
	defer cancel()
	begun, err := s.redis.GetEx(ctx, s.name(cookie.Value), sessionLife).Int64()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil && s.now().Sub(time.Unix(begun, 0)) < longestLife, err
}

// end forgets the session of the request, if it has one.
func (s sessions) end(r *http.Request, overTLS bool) error {
	cookie, err := r.Cookie(cookieOf(overTLS))
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), redisTime)
	defer cancel()
	return s.redis.Del(ctx, s.name(cookie.Value)).Err()
}

// setCookie gives the browser a cookie, or takes it away if value is empty. The
// cookie is gone with the browser. How long it is good for is Redis' business.
func (d *Authenticator) setCookie(w http.ResponseWriter, r *http.Request, value string) {
	overTLS := d.overTLS(r)
	c := &http.Cookie{
		Name: cookieOf(overTLS), Value: value, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: overTLS,
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}
