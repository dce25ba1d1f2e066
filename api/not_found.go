package api

import (
	"fmt"
	"net/http"
)

// known answers what no route of the API matches: with a page if it is for one, and else
// 404, or 405 with Allow, as a problem.
func known(mux *http.ServeMux, pages Pages) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, pattern := mux.Handler(r)
		if pattern != "" {
			visitOf(r.Context()).route = pattern
			mux.ServeHTTP(w, r)
			return
		}
		if pages != nil {
			if route := pages.Route(r); route != "" {
				visitOf(r.Context()).route = route
				pages.ServeHTTP(w, r)
				return
			}
		}
		refusal := &headerOnly{header: w.Header()}
		answer.ServeHTTP(refusal, r)
		if refusal.status == http.StatusMethodNotAllowed {
			writeProblem(w, newProblem(refusal.status, fmt.Sprintf("%s is not possible here", r.Method), "use "+w.Header().Get("Allow")))
			return
		}
		w.Header().Del("Location") // of a redirect that would lead nowhere
		writeProblem(w, newProblem(http.StatusNotFound, fmt.Sprintf("there is no %.200q", r.URL.Path), "GET /docs lists what there is"))
	})
}

// headerOnly takes an answer's status and header, and drops its body.
type headerOnly struct {
	header http.Header
	status int
}

func (w *headerOnly) Header() http.Header         { return w.header }
func (w *headerOnly) Write(p []byte) (int, error) { return len(p), nil }
func (w *headerOnly) WriteHeader(status int)      { w.status = status }
