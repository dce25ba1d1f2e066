package dashboard

import (
	"context"
	"net/http"
	"regexp"
	"slices"

	"heyq/jobs"
	"heyq/operate"
)

// switches takes asynqmon's requests to pause and to resume a queue of heyq's. Pausing
// the queue alone does not stop creates: tasks that a worker has fetched would still
// begin.
type switches struct {
	queues *operate.Queues
	refuse func(http.ResponseWriter, error)
	next   http.Handler
}

var pauseOrResume = regexp.MustCompile(`^` + Path + `/api/queues/([^/]+):(pause|resume)$`)

// ServeHTTP implements http.Handler.
func (h *switches) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m := pauseOrResume.FindStringSubmatch(r.URL.Path)
	if r.Method != http.MethodPost || m == nil || !slices.Contains(jobs.Queues, jobs.Queue(m[1])) {
		h.next.ServeHTTP(w, r)
		return
	}
	turn := map[string]func(context.Context, jobs.Queue) (operate.Switched, error){"pause": h.queues.Pause, "resume": h.queues.Resume}[m[2]]
	if _, err := turn(r.Context(), jobs.Queue(m[1])); err != nil {
		h.refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
