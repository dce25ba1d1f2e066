package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Two batches are read at a time. Another one waits for its turn, and is sent away
// when its patience ends.
func TestCreateBatch_waits_for_its_turn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newOn(nil) // which a dry run does not ask
		send := func(body io.Reader) <-chan *httptest.ResponseRecorder {
			ended := make(chan *httptest.ResponseRecorder, 1)
			go func() {
				r, w := httptest.NewRequest("POST", "/v1/videos/batch?dry_run=true", body), httptest.NewRecorder()
				r.Header.Set("Content-Type", "application/json")
				h.ServeHTTP(w, r)
				ended <- w
			}()
			synctest.Wait()
			return ended
		}
		const one = `{"videos":[` + hello + `]}`
		first, firstBody := io.Pipe()
		second, secondBody := io.Pipe()
		reading := []<-chan *httptest.ResponseRecorder{send(first), send(second)}

		began := time.Now()
		late := <-send(strings.NewReader(one))
		if late.Code != http.StatusServiceUnavailable || late.Header().Get("Retry-After") == "" || time.Since(began) != 20*time.Second {
			t.Errorf("the third is answered %d after %s, and the headers %v", late.Code, time.Since(began), late.Header())
		}
		waiting := send(strings.NewReader(one))
		if len(waiting) > 0 {
			t.Fatal("the fourth did not wait")
		}
		for i, body := range []*io.PipeWriter{firstBody, secondBody} {
			_, _ = io.WriteString(body, one)
			_ = body.Close()
			equal(t, "status of one that was read slowly", (<-reading[i]).Code, http.StatusOK)
			if i == 0 {
				equal(t, "status of the one that waited", (<-waiting).Code, http.StatusOK)
			}
		}
	})
}
