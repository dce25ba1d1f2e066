package wire

import "net/http"

// Problem is what every error answer is: a problem+json (RFC 9457) with what its
// request is found by in heyq's log, and in a collector of traces.
type Problem struct {
	Title     string         `json:"title,omitempty" example:"Bad Request" doc:"The status in words"`
	Status    int            `json:"status,omitempty" example:"400" doc:"The HTTP status"`
	Detail    string         `json:"detail,omitempty" example:"the body is empty; send a JSON object" doc:"What is wrong and, behind a semicolon, what to do"`
	Errors    []ProblemField `json:"errors,omitempty" doc:"Each wrong field, a hundred at most"`
	RequestID string         `json:"request_id,omitempty" doc:"As in X-Request-Id; heyq's log names it" example:"5f0c6f0e-6a0f-4c3e-9d52-1f0a6b7c8d9e"`
	Advice    Advice         `json:"advice,omitempty" doc:"What the detail says to do, in a word that does not change" example:"list_videos"`
	About     string         `json:"advice_about,omitempty" doc:"What the advice is about, such as a video's id"`
	TraceID   string         `json:"trace_id,omitempty" doc:"Where the request is traced: the id of its trace" example:"0af7651916cd43dd8448eb211c80319c"`
}

// ProblemField is one wrong field of a request.
type ProblemField struct {
	Message  string `json:"message,omitempty" doc:"What is wanted, and how to mend it"`
	Location string `json:"location,omitempty" example:"body.videos[3].script" doc:"Where it is: in body, query, path or header"`
	Value    any    `json:"value,omitempty" doc:"What was given; shortened where it is long"`
}

// Error is what is wrong, and what to do.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of a problem, for huma.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statuses is the one table from fault code to HTTP status.
var statuses = map[Code]int{
	Malformed:   http.StatusBadRequest,
	Invalid:     http.StatusUnprocessableEntity,
	TooLarge:    http.StatusRequestEntityTooLarge,
	Forbidden:   http.StatusForbidden,
	NotFound:    http.StatusNotFound,
	Gone:        http.StatusGone,
	Conflict:    http.StatusConflict,
	Unavailable: http.StatusServiceUnavailable,
	Internal:    http.StatusInternalServerError,
}

// others are statuses that heyq's guard, or something that stands between it and its
// client, answers with.
var others = map[int]Code{
	http.StatusUnauthorized:    Invalid,
	http.StatusTooManyRequests: Unavailable,
	http.StatusBadGateway:      Unavailable,
	http.StatusGatewayTimeout:  Unavailable,
}

// StatusOf returns the status that a fault of that code is answered with.
func StatusOf(code Code) int { return statuses[code] }

// CodeOf returns the code of the faults that are answered with that status;
// Internal if there is none.
func CodeOf(status int) Code {
	for code, s := range statuses {
		if s == status {
			return code
		}
	}
	if code, ok := others[status]; ok {
		return code
	}
	return Internal
}
