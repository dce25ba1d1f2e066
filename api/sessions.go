package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/auth"
	"heyq/internal/fault"
	"heyq/wire"
)

func sessionsOp() huma.Operation {
	return huma.Operation{
		OperationID: "list-sessions",
		Tags:        []string{meTag},
		Summary:     "List your sessions",
		Description: "The browsers in which you have logged in, the newest first.",
		Responses: map[string]*huma.Response{"200": answers("The sessions", wire.SessionList{Sessions: []wire.Session{{
			ID: "5d41402abc4b2a76b9719d911017c592", Present: true, BegunAt: exampleAt, UsedAt: exampleAt, Agent: "Mozilla/5.0 (X11; Linux x86_64)", Address: "192.0.2.7",
		}}})},
		Errors: []int{http.StatusServiceUnavailable},
	}
}

type sessionListOutput struct{ Body wire.SessionList }

func (s *server) listSessions(ctx context.Context, _ *struct{}) (*sessionListOutput, error) {
	list, err := s.logins.List(ctx, callerOf(ctx).User)
	if err != nil {
		return nil, noLogins(err)
	}
	shown := make([]wire.Session, len(list))
	for i, l := range list {
		shown[i] = wire.Session{
			ID: l.ID, Present: l.ID == auth.LoginOf(ctx), BegunAt: l.Begun.UTC(), UsedAt: l.Used.UTC(), Agent: l.Agent, Address: l.Address,
		}
	}
	return &sessionListOutput{wire.SessionList{Sessions: shown}}, nil
}

func endSessionOp() huma.Operation {
	return huma.Operation{
		OperationID:   "end-session",
		Tags:          []string{meTag},
		Summary:       "End a session",
		Description:   "Logs one of your browsers out, in all processes at once. A key ends none.",
		DefaultStatus: http.StatusNoContent,
		Errors:        []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}
}

type sessionInput struct {
	ID string `path:"id" doc:"The session's id"`
}

func (s *server) endSession(ctx context.Context, in *sessionInput) (*struct{}, error) {
	if err := mayEndLogins(ctx); err != nil {
		return nil, err
	}
	ended, err := s.logins.End(ctx, callerOf(ctx).User, in.ID)
	if err == nil && !ended {
		return nil, fault.New(fault.NotFound, "there is no session %.100q", in.ID).WithAdvice(fault.ListSessions, "")
	}
	return nil, noLogins(err)
}

func endSessionsOp() huma.Operation {
	return huma.Operation{
		OperationID: "end-sessions",
		Tags:        []string{meTag},
		Summary:     "End all your sessions",
		Description: "Logs you out of all browsers, the one that asks for it included. A key ends none.",
		Responses:   map[string]*huma.Response{"200": answers("Ended", wire.EndedSessions{Ended: 3})},
		Errors:      []int{http.StatusServiceUnavailable},
	}
}

type endedSessionsOutput struct{ Body wire.EndedSessions }

func (s *server) endSessions(ctx context.Context, _ *struct{}) (*endedSessionsOutput, error) {
	if err := mayEndLogins(ctx); err != nil {
		return nil, err
	}
	n, err := s.logins.EndOthers(ctx, auth.Holder{User: callerOf(ctx).User}, "")
	if err != nil {
		return nil, noLogins(err)
	}
	return &endedSessionsOutput{wire.EndedSessions{Ended: n}}, nil
}

// mayEndLogins refuses who shows a key: a program that lost one must not log people out.
func mayEndLogins(ctx context.Context) error {
	if callerOf(ctx).Scopes == nil {
		return nil
	}
	return fault.New(fault.Forbidden, "a key ends no sessions").WithHint("log in, or show the operator token")
}

func noLogins(err error) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(err, fault.Unavailable, "sessions are in Redis, which does not answer").WithHint("try again in a moment")
}
