package dispatch

import (
	"fmt"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/rs/zerolog"
)

// asynqLog gives asynq's own lines to zerolog.
type asynqLog struct{ log zerolog.Logger }

// AsynqLog returns l as the logger that asynq's servers want.
func AsynqLog(l zerolog.Logger) asynq.Logger { return asynqLog{l} }

func (a asynqLog) Debug(args ...any) { a.log.Debug().Msg(fmt.Sprint(args...)) }
func (a asynqLog) Info(args ...any)  { a.log.Info().Msg(fmt.Sprint(args...)) }
func (a asynqLog) Error(args ...any) { a.log.Error().Msg(fmt.Sprint(args...)) }

// archived begins asynq's line about a task that it archives. The server's
// ErrorHandler tells of it, with the reason.
const archived = "Retry exhausted for task id"

func (a asynqLog) Warn(args ...any) {
	if text := fmt.Sprint(args...); !strings.HasPrefix(text, archived) {
		a.log.Warn().Msg(text)
	}
}

// Fatal logs only: ending the process is main's decision.
func (a asynqLog) Fatal(args ...any) { a.log.Error().Msg(fmt.Sprint(args...)) }
