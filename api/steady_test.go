package api

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// A reader of a file that takes some of it goes on for as long as it likes; one
// that takes nothing is cut off after a minute.
func TestSteady(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &timed{ResponseRecorder: httptest.NewRecorder()}
		s := &steady{w, http.NewResponseController(w)}
		for range 3 {
			if _, err := s.Write([]byte("some of it")); err != nil {
				t.Fatal(err)
			}
			if got := time.Until(w.deadline); got != time.Minute {
				t.Errorf("the next of it has to go within %s, want a minute", got)
			}
			time.Sleep(50 * time.Second)
		}
	})
}

// timed remembers its deadline.
type timed struct {
	*httptest.ResponseRecorder
	deadline time.Time
}

func (t *timed) SetWriteDeadline(at time.Time) error {
	t.deadline = at
	return nil
}
