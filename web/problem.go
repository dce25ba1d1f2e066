package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"heyq/internal/fault"
	"heyq/internal/logkey"
	"heyq/wire"
)

// refusal is what problem.html reads.
type refusal struct {
	Status    int
	Heading   string
	Message   string
	Hint      string // what to do, if no link says it
	Fields    []wire.ProblemField
	Step      step
	RequestID string
}

// step is a link to what can be done.
type step struct{ Text, Path string }

// steps are the advices of faults as links; {} is what an advice is about. Those that are
// not here are said in words.
var steps = map[fault.Advice]step{
	fault.ListVideos:     {"See the videos", "/videos"},
	fault.ListUsers:      {"See the people", "/people"},
	fault.ListKeys:       {"See your keys", "/me"},
	fault.ListSessions:   {"See your logins", "/me"},
	fault.FollowVideo:    {"Follow the video", "/videos/{}"},
	fault.RetryVideo:     {"Try it again", "/videos/{}/retry"},
	fault.AllowNewRender: {"Decide about another render", "/videos/{}/retry"},
}

var headings = map[int]string{
	http.StatusBadRequest:            "That request cannot be read",
	http.StatusForbidden:             "That is not for you to do",
	http.StatusNotFound:              "There is nothing here",
	http.StatusConflict:              "That is not possible now",
	http.StatusGone:                  "That is gone",
	http.StatusRequestEntityTooLarge: "That is too much",
	http.StatusUnprocessableEntity:   "Something in it is wrong",
	http.StatusTooManyRequests:       "That was too often",
	http.StatusServiceUnavailable:    "heyq cannot do that now",
}

// refuse shows an error: message and hint of the first fault in its chain, and nothing of
// the causes. Those of a 5xx go to the log.
func (f *Face) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if over, ok := errors.AsType[tooOften](err); ok {
		over.tell(f, w, r)
		return
	}
	said, ok := errors.AsType[*fault.Error](err)
	if !ok {
		said = fault.New(fault.Internal, "heyq failed to answer")
	}
	p := wire.Problem{Status: wire.StatusOf(said.Code), Detail: said.Message, Advice: said.Advice, About: said.About}
	if said.Hint != "" {
		p.Detail += "; " + said.Hint
	}
	for _, field := range said.Fields {
		p.Errors = append(p.Errors, wire.ProblemField{Location: field.Name, Message: field.Message})
	}
	if p.Status >= http.StatusInternalServerError {
		f.Logger.Info().Err(err).Str(logkey.Request, w.Header().Get("X-Request-Id")).Str(logkey.Path, r.URL.Path).Msg("cannot show a page")
	}
	f.tell(w, r, p)
}

// tell shows a problem as a page.
func (f *Face) tell(w http.ResponseWriter, r *http.Request, p wire.Problem) {
	shown := refusal{Status: p.Status, Heading: headings[p.Status], Fields: p.Errors, RequestID: w.Header().Get("X-Request-Id")}
	switch {
	case shown.Heading != "":
	case p.Status >= http.StatusInternalServerError:
		shown.Heading = "heyq failed to answer"
	default:
		shown.Heading = "That is not possible here"
	}
	shown.Message, shown.Hint = p.Detail, ""
	if s, ok := steps[p.Advice]; ok {
		said, _, _ := p.Advice.Words(p.About)
		shown.Message = strings.TrimSuffix(p.Detail, "; "+said)
		shown.Step = step{s.Text, strings.ReplaceAll(s.Path, "{}", p.About)}
	} else if message, hint, ok := strings.Cut(p.Detail, "; "); ok {
		shown.Message, shown.Hint = message, hint
	}
	f.write(w, r, answer{status: p.Status, page: "problem", title: shown.Heading, data: shown})
}

// InWords shows to browsers as a page what next answers as a problem. Programs get it as
// it is.
func (f *Face) InWords(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept"), "text/html") {
			next.ServeHTTP(w, r)
			return
		}
		out := &listener{ResponseWriter: w}
		next.ServeHTTP(out, r)
		var p wire.Problem
		if out.status == 0 {
			return
		}
		if json.Unmarshal(out.body.Bytes(), &p) != nil || p.Detail == "" {
			p.Detail = http.StatusText(out.status)
		}
		p.Status = out.status
		f.tell(w, r, p)
	})
}

// listener keeps an answer that is a problem, and lets any other pass.
type listener struct {
	http.ResponseWriter
	status int // of the problem; 0: there is none
	body   bytes.Buffer
}

func (l *listener) WriteHeader(status int) {
	if status >= http.StatusBadRequest && l.Header().Get("Content-Type") == "application/problem+json" {
		l.status = status
		return
	}
	l.ResponseWriter.WriteHeader(status)
}

func (l *listener) Write(p []byte) (int, error) {
	if l.status != 0 {
		return l.body.Write(p)
	}
	return l.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (l *listener) Unwrap() http.ResponseWriter { return l.ResponseWriter }
