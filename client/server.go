package client

import (
	"context"
	"encoding/json"
	"net/http"

	"heyq/wire"
)

// Server is the process that answers.
type Server service

// Ready asks how the heyq is. One that is not well answers as well.
func (s *Server) Ready(ctx context.Context) (h wire.Readiness, err error) {
	r := get("/readyz")
	r.once = true // that it is not well is an answer
	answer, _, err := s.c.send(ctx, &r)
	if err != nil {
		return h, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusServiceUnavailable {
		return h, s.c.refused(answer, r)
	}
	if err := json.NewDecoder(answer.Body).Decode(&h); err != nil {
		return h, s.c.garbled(err, r, answer)
	}
	return h, nil
}

// Alive asks whether the process answers. It does not ask for the database, Redis or HeyGen.
func (s *Server) Alive(ctx context.Context) error {
	answer, err := s.c.open(ctx, get("/healthz"))
	if err == nil {
		err = answer.Body.Close()
	}
	return err
}

// Version says what it was built from.
func (s *Server) Version(ctx context.Context) (wire.Version, error) {
	return call[wire.Version](ctx, s.c, get("/v1/version"))
}

// Stats returns which operations heyq made on other systems, and how long they took.
func (s *Server) Stats(ctx context.Context) (wire.Stats, error) {
	return call[wire.Stats](ctx, s.c, get("/v1/stats"))
}

// Log returns what it logs.
func (s *Server) Log(ctx context.Context) (wire.Log, error) {
	return call[wire.Log](ctx, s.c, get("/v1/log"))
}

// ChangeLog changes what is logged, and returns what it logs now.
func (s *Server) ChangeLog(ctx context.Context, change wire.LogRequest) (wire.Log, error) {
	return call[wire.Log](ctx, s.c, request{method: http.MethodPut, path: "/v1/log", body: change})
}
