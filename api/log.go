package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/internal/logkey"
	"heyq/wire"
)

const (
	configuredLevel = "configured" // instead of a level: whatever the configuration says
	mostLogChange   = 7 * 24 * time.Hour
)

func logOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-log-level",
		Tags:        []string{healthTag},
		Summary:     "Get the log level",
		Description: "The least that the process which answers writes to its log.",
		Responses:   map[string]*huma.Response{"200": answers("This process", logExample())},
		Errors:      []int{http.StatusServiceUnavailable},
	}
}

func changeLogOp() huma.Operation {
	return huma.Operation{
		OperationID: "change-log-level",
		Tags:        []string{healthTag},
		Summary:     "Change the log level",
		Description: "That of the process which answers, at once; with `for` it goes back by itself. " +
			"A process without an API, such as a worker, turns debug on and off at SIGUSR1.",
		MaxBodyBytes: maxBody,
		RequestBody: required(examples{
			"debug": {Summary: "Debug, for ten minutes", Value: wire.LogRequest{Level: "debug", For: "10m"}},
			"back":  {Summary: "Back to what HEYQ_LOG_LEVEL says", Value: wire.LogRequest{Level: configuredLevel}},
		}),
		Responses: map[string]*huma.Response{"200": answers("This process, now", logExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

func logExample() wire.Log {
	until := time.Date(2030, 1, 2, 3, 14, 5, 0, time.UTC)
	return wire.Log{Level: "debug", Configured: "info", Until: &until}
}

type logInput struct{ JSON body[wire.LogRequest] }

type logOutput struct{ Body wire.Log }

func (s *server) logLevel(context.Context, *struct{}) (*logOutput, error) {
	if s.logs == nil {
		return nil, errFixedLog
	}
	l := s.logs.State()
	return &logOutput{wire.Log{Level: l.Level.String(), Configured: l.Configured.String(), Until: timeOrNull(l.Until)}}, nil
}

func (s *server) changeLogLevel(ctx context.Context, in *logInput) (*logOutput, error) {
	request, err := in.JSON.read(s.schemas())
	if err != nil {
		return nil, err
	}
	back, err := backAfter(request)
	if err != nil {
		return nil, err
	}
	if s.logs == nil {
		return nil, errFixedLog
	}
	if request.Level == configuredLevel {
		s.logs.Reset()
	} else {
		level, err := zerolog.ParseLevel(request.Level)
		if err != nil {
			return nil, err // the schema has let it through
		}
		s.logs.Set(level, back)
	}
	s.log.Log().Stringer(logkey.Level, s.logs.Now()).Msg("the log level is changed")
	return s.logLevel(ctx, nil)
}

var errFixedLog = fault.New(fault.Unavailable, "the log level of this process cannot be changed").
	WithHint("set HEYQ_LOG_LEVEL and start it again")

// backAfter reads the time after which the level goes back.
func backAfter(r wire.LogRequest) (time.Duration, error) {
	if r.For == "" {
		return 0, nil
	}
	wrong := fault.New(fault.Invalid, notReadable)
	back, err := time.ParseDuration(r.For)
	switch {
	case err != nil:
		return 0, wrong.WithField("for", r.For, "is no duration; give one such as 10m or 1h30m")
	case back < time.Second || back > mostLogChange:
		return 0, wrong.WithField("for", r.For, "is out of range; give one from 1s to %s", mostLogChange)
	case r.Level == configuredLevel:
		return 0, wrong.WithField("for", r.For, "is of no use with level configured; leave it out")
	}
	return back, nil
}
