package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"

	"github.com/rs/zerolog"

	"heyq/internal/fault"

	"heyq/operate"
	"heyq/store"
)

// runs takes asynqmon's requests to run tasks.
type runs struct {
	letters *operate.DeadLetters
	actor   func(*http.Request) store.Actor
	log     zerolog.Logger
	next    http.Handler
}

// The routes by which asynqmon runs tasks. A task is found by its name whatever
// its state, so the state that a route names cannot be relied on.
var (
	runOne      = regexp.MustCompile(`^` + Path + `/api/queues/([^/]+)/(?:groups/[^/]+/)?[a-z]+_tasks/([^/]+):run$`)
	runBatch    = regexp.MustCompile(`^` + Path + `/api/queues/([^/]+)/(?:groups/[^/]+/)?[a-z]+_tasks:batch_run$`)
	runArchived = regexp.MustCompile(`^` + Path + `/api/queues/([^/]+)/archived_tasks:run_all$`)
)

// ServeHTTP implements http.Handler.
func (h *runs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		h.next.ServeHTTP(w, r)
		return
	}
	if m := runOne.FindStringSubmatch(r.URL.Path); m != nil {
		h.one(w, r, m[1], m[2])
	} else if m := runBatch.FindStringSubmatch(r.URL.Path); m != nil {
		h.batch(w, r, m[1])
	} else if m := runArchived.FindStringSubmatch(r.URL.Path); m != nil {
		h.archived(w, r, m[1])
	} else {
		h.next.ServeHTTP(w, r)
	}
}

func (h *runs) one(w http.ResponseWriter, r *http.Request, queue, id string) {
	if err := h.letters.Run(r.Context(), queue, id, h.actor(r)); err != nil {
		h.refuse(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// maxBatch is the most bytes that a request may have, as in asynqmon.
const maxBatch = 1_000_000

func (h *runs) batch(w http.ResponseWriter, r *http.Request, queue string) {
	var asked struct {
		IDs []string `json:"task_ids"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBatch)).Decode(&asked); err != nil {
		h.refuse(w, fault.Wrap(err, fault.Malformed, "the list of tasks cannot be read"))
		return
	}
	answer := struct {
		Ran     []string `json:"pending_ids"`
		Refused []string `json:"error_ids"`
	}{[]string{}, []string{}}
	for _, id := range asked.IDs {
		if err := h.letters.Run(r.Context(), queue, id, h.actor(r)); err != nil {
			h.tell(err)
			answer.Refused = append(answer.Refused, id)
		} else {
			answer.Ran = append(answer.Ran, id)
		}
	}
	_ = json.NewEncoder(w).Encode(answer) // the client may be gone
}

func (h *runs) archived(w http.ResponseWriter, r *http.Request, queue string) {
	n, err := h.letters.RunArchived(r.Context(), queue, h.actor(r))
	if err != nil {
		h.refuse(w, err)
		return
	}
	_ = json.NewEncoder(w).Encode(struct { // the client may be gone
		Scheduled int `json:"scheduled"`
	}{n})
}

// statuses has the status of the answer for each code of a fault: of a run that
// is refused, or of a request that cannot be read. Any other code is a 500.
var statuses = map[fault.Code]int{
	fault.Malformed: http.StatusBadRequest, fault.NotFound: http.StatusNotFound,
	fault.Conflict: http.StatusConflict, fault.Unavailable: http.StatusServiceUnavailable,
}

// refuse answers with plain text: asynqmon shows it to the person who pressed the
// button.
func (h *runs) refuse(w http.ResponseWriter, err error) {
	h.tell(err)
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		f = fault.New(fault.Internal, "heyq failed to do that").WithHint("its log names the cause")
	}
	status, ok := statuses[f.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	http.Error(w, f.Error(), status)
}

// tell logs a failure of heyq's own, which no client can mend.
func (h *runs) tell(err error) {
	if code := fault.CodeOf(err); (code == fault.Internal || code == fault.Unavailable) && !errors.Is(err, context.Canceled) {
		h.log.Info().Err(err).Msg("the dashboard could not do what was asked")
	}
}
