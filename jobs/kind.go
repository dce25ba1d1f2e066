package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

// Kind is a kind of task whose payload is an A. The kinds below are the whole
// list; each has a file of its own here, and one of the same name in handlers.
type Kind[A interface{ Validate() error }] struct {
	Name  string
	Queue Queue
	// Timeout is when asynq gives the task up. The lease in the row is much
	// shorter; this only bounds a handler that hangs.
	Timeout time.Duration
	// Retries are asynq's own. They serve where the row could not be reached;
	// every other failure is written to the row, which is dispatched again.
	Retries int
}

// NewTask encodes args. The task is not sent.
func (k Kind[A]) NewTask(args A, options ...asynq.Option) (*asynq.Task, error) {
	payload, err := json.Marshal(args)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", k.Name, err)
	}
	options = append([]asynq.Option{
		asynq.Queue(string(k.Queue)), asynq.Timeout(k.Timeout), asynq.MaxRetry(k.Retries),
	}, options...)
	return asynq.NewTask(k.Name, payload, options...), nil
}

// ErrPayload is in the chain of every error of Decode: no retry will mend it.
var ErrPayload = errors.New("unusable payload")

// Decode reads a payload. Fields that it does not know are ignored: a newer
// heyq may have sent them.
func (k Kind[A]) Decode(payload []byte) (args A, err error) {
	if err := json.Unmarshal(payload, &args); err != nil {
		return args, fmt.Errorf("%s: %w: %w", k.Name, ErrPayload, err)
	}
	if err := args.Validate(); err != nil {
		return args, fmt.Errorf("%s: %w: %w", k.Name, ErrPayload, err)
	}
	return args, nil
}

// The kinds of task. To add one: a file here, a file in handlers, a line in
// each one's list, a golden payload in testdata.
var (
	VideoCreate     = Kind[VideoTask]{"video:create", CreateQueue, stepTimeout, stepRetries}
	VideoPoll       = Kind[VideoTask]{"video:poll", PollQueue, stepTimeout, stepRetries}
	VideoDownload   = Kind[VideoTask]{"video:download", DownloadQueue, stepTimeout, stepRetries}
	VideoAnalyze    = Kind[VideoTask]{"video:analyze", AnalyticsQueue, stepTimeout, stepRetries}
	AnalyticsRollup = Kind[Scheduled]{"analytics:rollup", MaintenanceQueue, 10 * time.Minute, 3}
	StoreSweep      = Kind[Scheduled]{"store:sweep", MaintenanceQueue, time.Hour, 3}
	KeysForget      = Kind[Scheduled]{"keys:forget", MaintenanceQueue, 10 * time.Minute, 3}
)

const (
	stepTimeout = 24 * time.Hour
	stepRetries = 10
)
