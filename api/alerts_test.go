package api_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"heyq/api"
	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

// mailbox is where alerts go, or why they do not.
type mailbox struct{ err error }

func (m mailbox) Test(context.Context) error { return m.err }

func TestAlerts(t *testing.T) {
	t.Parallel()
	h := open(t)
	var got wire.AlertList
	r := h.must(t, http.StatusOK, "GET", "/v1/alerts", "")
	equal(t, "at first", r.body, `{"active":[],"ended":[]}`+"\n")

	l, _, err := h.store.BeginRound(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := l.At.Add(-time.Hour)
	for i := range 4 {
		a := store.Alert{ID: uuid.Must(uuid.NewV7()), Rule: "queue-age", Subject: "download", Summary: "old", Since: at, StartSentAt: at}
		if i > 0 {
			a.Since = at.Add(-time.Duration(i) * time.Hour)
			a.EndedAt = a.Since.Add(time.Minute)
			a.SendError = "it answered 500"
		}
		l.Alerts = append(l.Alerts, a)
	}
	if ok, err := h.store.KeepRound(t.Context(), l); err != nil || !ok {
		t.Fatal(ok, err)
	}
	h.must(t, http.StatusOK, "GET", "/v1/alerts?ended=2", "").decode(t, &got)
	want := wire.AlertList{
		Active: []wire.Alert{{ID: l.Alerts[0].ID.String(), Rule: "queue-age", Subject: "download", Summary: "old", Since: at, StartSentAt: &at}},
	}
	for _, a := range l.Alerts[1:3] {
		want.Ended = append(want.Ended, wire.Alert{
			ID: a.ID.String(), Rule: a.Rule, Subject: a.Subject, Summary: a.Summary, Since: a.Since,
			EndedAt: &a.EndedAt, StartSentAt: &a.StartSentAt, SendError: a.SendError,
		})
	}
	equal(t, "alerts", got, want)
	h.must(t, http.StatusUnprocessableEntity, "GET", "/v1/alerts?ended=1001", "")
}

func TestAlerts_test(t *testing.T) {
	t.Parallel()
	for status, err := range map[int]error{
		http.StatusNoContent:           nil,
		http.StatusUnprocessableEntity: fault.New(fault.Invalid, "it is not set where alerts go"),
		http.StatusServiceUnavailable:  fault.New(fault.Unavailable, "it answered 500"),
	} {
		h := open(t, func(o *api.Options) { o.Alerts = mailbox{err} })
		r := h.must(t, status, "POST", "/v1/alerts/test", "")
		if err != nil {
			equal(t, "detail", r.problem(t).Detail, err.(*fault.Error).Message)
		}
	}
}
