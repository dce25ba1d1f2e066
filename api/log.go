package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/internal/logkey"
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
		Responses:   map[string]*huma.Response{"200": answerOf("This process", logExample())},
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
		RequestBody: bodyOf[LogRequest](true, map[string]*huma.Example{
			"debug": {Summary: "Debug, for ten minutes", Value: LogRequest{Level: "debug", For: "10m"}},
			"back":  {Summary: "Back to what HEYQ_LOG_LEVEL says", Value: LogRequest{Level: configuredLevel}},
		}),
		Responses: map[string]*huma.Response{"200": answerOf("This process, now", logExample())},
		Errors: []int{
			http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusServiceUnavailable,
		},
	}
}

// LogRequest changes the log level.
type LogRequest struct {
	Level string `json:"level" enum:"trace,debug,info,warn,error,configured" doc:"The least that is logged; configured: what HEYQ_LOG_LEVEL says"`
	For   string `json:"for,omitempty" doc:"How long, as 10m or 1h30m, a week at most; without it until it is changed again" example:"10m"`
}

// Log is what a process logs.
type Log struct {
	Level      string     `json:"level" example:"debug" doc:"The least that is logged"`
	Configured string     `json:"configured" example:"info" doc:"What it goes back to: HEYQ_LOG_LEVEL"`
	Until      *time.Time `json:"until" doc:"null: until it is changed"`
}

func logExample() Log {
	until := time.Date(2030, 1, 2, 3, 14, 5, 0, time.UTC)
	return Log{"debug", "info", &until}
}

type logInput struct{ JSON payload }

type logOutput struct{ Body Log }

func (s *server) logLevel(context.Context, *struct{}) (*logOutput, error) {
	if s.logs == nil {
		return nil, errFixedLog
	}
	l := s.logs.State()
	return &logOutput{Log{l.Level.String(), l.Configured.String(), timeOrNull(l.Until)}}, nil
}

func (s *server) changeLogLevel(ctx context.Context, in *logInput) (*logOutput, error) {
	parsed, err := in.JSON.parse()
	if err != nil {
		return nil, err
	}
	var request LogRequest
	if err := s.logging.decode(parsed, &request); err != nil {
		return nil, err
	}
	back, err := request.back()
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
			return nil, err // the shape has let it through
		}
		s.logs.Set(level, back)
	}
	s.log.Log().Stringer(logkey.Level, s.logs.Now()).Msg("the log level is changed")
	return s.logLevel(ctx, nil)
}

var errFixedLog = fault.New(fault.Unavailable, "the log level of this process cannot be changed").
	WithHint("set HEYQ_LOG_LEVEL and start it again")

// back reads the time after which the level goes back.
func (r LogRequest) back() (time.Duration, error) {
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
