package api_test

import (
	"net/http"
	"testing"
	"time"

	"heyq/store"
)

type admission struct {
	State  string
	Reason string
	Until  *time.Time
}

func TestAdmission(t *testing.T) {
	t.Parallel()
	h := open(t)
	ask := func(method, target string) (a admission) {
		t.Helper()
		h.must(t, http.StatusOK, method, target, "").decode(t, &a)
		return a
	}
	isOpen, paused := admission{State: "open"}, admission{State: "paused", Reason: "operator"}
	equal(t, "at first", ask("GET", "/v1/admission"), isOpen)
	equal(t, "pause", ask("POST", "/v1/admission/pause"), paused)
	equal(t, "paused", ask("GET", "/v1/admission"), paused)
	equal(t, "resume", ask("POST", "/v1/admission/resume"), isOpen)
	equal(t, "resumed", ask("GET", "/v1/admission"), isOpen)

	h.create(t)
	h.end(t, store.Throttled(h.begin(t, store.Create), time.Hour, "too many requests"))
	throttled := ask("GET", "/v1/admission")
	if throttled.Until == nil || time.Until(*throttled.Until) < 50*time.Minute {
		t.Errorf("until is %v, want an hour from now", throttled.Until)
	}
	throttled.Until = nil
	equal(t, "throttled", throttled, admission{State: "paused", Reason: "too many requests"})
}
