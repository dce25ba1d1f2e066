package client

import (
	"context"
	"net/http"

	"heyq/wire"
)

// Me is who the client is for a heyq.
type Me service

// Get says who that is, and what it may do.
func (s *Me) Get(ctx context.Context) (wire.Me, error) {
	return call[wire.Me](ctx, s.c, get("/v1/me"))
}

// Update changes what is set in p of the caller's own profile. A key may not.
func (s *Me) Update(ctx context.Context, p wire.ProfileChange) (wire.User, error) {
	return call[wire.User](ctx, s.c, request{method: http.MethodPatch, path: "/v1/me", body: p})
}

// SetPassword sets the caller's own password. A key may not.
func (s *Me) SetPassword(ctx context.Context, p wire.PasswordChange) error {
	_, err := call[nothing](ctx, s.c, request{method: http.MethodPut, path: "/v1/me/password", body: p, once: true}) // the current one is another then
	return err
}

// UseLink sets the password of the user for whom a link was made, once.
func (s *Me) UseLink(ctx context.Context, p wire.PasswordByLink) error {
	_, err := call[nothing](ctx, s.c, post("/v1/password", p))
	return err
}

// Sessions lists the browsers in which the caller has logged in, the newest first.
func (s *Me) Sessions(ctx context.Context) ([]wire.Session, error) {
	answer, err := call[wire.SessionList](ctx, s.c, get("/v1/sessions"))
	return answer.Sessions, err
}

// EndSession logs one of them out. A key may not.
func (s *Me) EndSession(ctx context.Context, id string) error {
	return s.c.remove(ctx, at("/v1/sessions/{}", id), nil)
}

// EndSessions logs all of them out, and returns how many they were. A key may not.
func (s *Me) EndSessions(ctx context.Context) (int, error) {
	answer, err := call[wire.EndedSessions](ctx, s.c, request{method: http.MethodDelete, path: "/v1/sessions"})
	return answer.Ended, err
}
