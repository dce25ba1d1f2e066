package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/store"
	"heyq/wire"
)

func admissionOp() huma.Operation {
	return huma.Operation{
		OperationID: "get-admission",
		Tags:        []string{admissionTag},
		Summary:     "Get admission",
		Description: "Whether queued videos are let through to HeyGen: `open`, `paused` (by an operator, or until HeyGen's Retry-After) " +
			"or `stopped` (HeyGen refuses the account, or one video after the other: one is tried now and then, and opens it if HeyGen takes it).",
		Responses: map[string]*huma.Response{"200": answers("The gate as it is now", wire.Admission{State: store.Open})},
		Errors:    []int{http.StatusServiceUnavailable},
	}
}

func pauseOp() huma.Operation {
	return huma.Operation{
		OperationID: "pause-admission",
		Tags:        []string{admissionTag},
		Summary:     "Pause admission",
		Description: "Sends nothing new to HeyGen until an operator resumes it. Videos are still accepted, and what was sent goes on.",
		Responses:   map[string]*huma.Response{"200": answers("The gate as it is now", wire.Admission{State: store.Paused, Reason: store.OperatorReason})},
		Errors:      []int{http.StatusServiceUnavailable},
	}
}

func resumeOp() huma.Operation {
	return huma.Operation{
		OperationID: "resume-admission",
		Tags:        []string{admissionTag},
		Summary:     "Resume admission",
		Description: "Opens it, whatever closed it.",
		Responses:   map[string]*huma.Response{"200": answers("The gate as it is now", wire.Admission{State: store.Open})},
		Errors:      []int{http.StatusServiceUnavailable},
	}
}

type admissionOutput struct{ Body wire.Admission }

func (s *server) admission(ctx context.Context, _ *struct{}) (*admissionOutput, error) {
	return showAdmission(s.store.Admission(ctx))
}

func (s *server) pauseAdmission(ctx context.Context, _ *struct{}) (*admissionOutput, error) {
	return showAdmission(s.store.PauseAdmission(ctx, store.OperatorReason))
}

func (s *server) resumeAdmission(ctx context.Context, _ *struct{}) (*admissionOutput, error) {
	return showAdmission(s.store.ResumeAdmission(ctx))
}

func showAdmission(a store.Admission, err error) (*admissionOutput, error) {
	if err != nil {
		return nil, err
	}
	return &admissionOutput{showGate(a)}, nil
}

func showGate(a store.Admission) wire.Admission {
	return wire.Admission{State: a.State, Reason: a.Reason, Until: timeOrNull(a.Until)}
}
