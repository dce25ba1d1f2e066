package simulator

import (
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"
	"time"

	"heyq/internal/logkey"
)

// receive counts a call under its short name, checks the API key and sends the
// handler's answer.
func (s *Simulator) receive(name string, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		a := s.answerTo(r, name, h)
		a.send(w, r)
		s.opts.Logger.Debug().Str(logkey.Call, name).Int(logkey.Status, a.Status).Dur(logkey.Duration, time.Since(started)).Send()
	})
}

func (s *Simulator) answerTo(r *http.Request, name string, h handler) answer {
	if err := s.state.count(name); err != nil {
		return s.broken(err)
	}
	if !s.authorized(r) {
		return unauthorized()
	}
	if scope := scopeOf(r); s.opts.Scopes != nil && scope != "" && !slices.Contains(s.opts.Scopes, scope) {
		return unscoped(scope)
	}
	return h(r)
}

// scopeOf names what a key must be allowed for a call; empty: any key will do.
func scopeOf(r *http.Request) string {
	area, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v3/"), "/")
	switch area {
	case "api_keys":
		return ""
	case "users":
		return "account:read"
	}
	if r.Method == http.MethodGet {
		return area + ":read"
	}
	return area + ":write"
}

// unscoped is the answer to a key that may not do what it asks for.
func unscoped(scope string) answer {
	return (&problem{
		status: http.StatusForbidden, code: "forbidden",
		message: "This API key does not have the scope " + scope + ".",
	}).answer()
}

// getKey answers GET /v3/api_keys/self: what the key may do, and until when.
func (s *Simulator) getKey(*http.Request) answer {
	type self struct {
		Name      string   `json:"name"`
		Scopes    []string `json:"scopes"`
		ExpiresAt *string  `json:"expires_at"`
	}
	key := self{Name: "simulated", Scopes: s.opts.Scopes}
	if key.Scopes == nil {
		key.Scopes = []string{"*"}
	}
	if !s.opts.KeyExpires.IsZero() {
		at := s.opts.KeyExpires.UTC().Format(time.RFC3339)
		key.ExpiresAt = &at
	}
	return success(key)
}

// authorized takes the key from x-api-key or from a bearer token.
func (s *Simulator) authorized(r *http.Request) bool {
	key := r.Header.Get("X-Api-Key")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && key == "" {
		key = bearer
	}
	if s.opts.APIKey == "" {
		return strings.TrimSpace(key) != ""
	}
	return subtle.ConstantTimeCompare([]byte(key), []byte(s.opts.APIKey)) == 1
}

// unauthorized is the same for a missing and for a wrong key, byte for byte.
func unauthorized() answer {
	return (&problem{status: http.StatusUnauthorized, code: "unauthorized", message: "Unauthorized"}).answer()
}

// broken answers when the state could not be committed.
func (s *Simulator) broken(err error) answer {
	s.opts.Logger.Error().Err(err).Msg("simulator cannot commit")
	return internalError().answer()
}
