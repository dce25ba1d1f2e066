package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"heyq/internal/fault"
)

// Problem is what every error answer is: a problem+json (RFC 9457) with what its
// request is found by in heyq's log, and in a collector of traces.
type Problem struct {
	huma.ErrorModel
	RequestID string       `json:"request_id,omitempty" doc:"As in X-Request-Id; heyq's log names it" example:"5f0c6f0e-6a0f-4c3e-9d52-1f0a6b7c8d9e"`
	Advice    fault.Advice `json:"advice,omitempty" doc:"What the detail says to do, in a word that does not change" example:"list_videos"`
	About     string       `json:"advice_about,omitempty" doc:"What the advice is about, such as a video's id"`
	TraceID   string       `json:"trace_id,omitempty" doc:"Where the request is traced: the id of its trace" example:"0af7651916cd43dd8448eb211c80319c"`
}

// huma makes its own problems, those of parameters, by functions that are one
// for all APIs of a process.
func init() {
	model := huma.NewError
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		if p, ok := model(status, message, errs...).(*huma.ErrorModel); ok {
			return &Problem{ErrorModel: *p}
		}
		return model(status, message, errs...)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		err := huma.NewError(status, message, errs...)
		if p, ok := err.(*Problem); ok {
			p.belongTo(visitOf(ctx.Context()))
		}
		return err
	}
}

// belongTo names the request that the problem answers.
func (p *Problem) belongTo(v *visit) { p.RequestID, p.TraceID = v.id, v.trace }

// visitIn returns the visit of the request that w answers, as visitOf does.
func visitIn(w http.ResponseWriter) *visit {
	for {
		switch out := w.(type) {
		case *statusWriter:
			return out.visit
		case interface{ Unwrap() http.ResponseWriter }:
			w = out.Unwrap()
		default:
			return &visit{}
		}
	}
}
