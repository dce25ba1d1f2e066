package stats

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
)

func TestTransport_counts_requests(t *testing.T) {
	t.Parallel()
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		status, _ := strconv.Atoi(req.URL.Path[1:])
		w.WriteHeader(status)
	}))
	defer host.Close()
	r := New(Options{})
	client := &http.Client{Transport: r.Transport(http.DefaultTransport, "download", Overloaded)}
	for _, status := range []string{"200", "206", "403", "404", "429", "503"} {
		resp, err := client.Get(host.URL + "/" + status)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	host.Close()
	if _, err := client.Get(host.URL + "/200"); err == nil {
		t.Error("the host is still there")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	req, err := http.NewRequestWithContext(gone, http.MethodGet, host.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Do(req); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	got := r.Summary().ByType[HTTPRequest].ByName["download"]
	if got.Total != 7 || got.Failed != 3 {
		t.Errorf("%d of %d failed, want 3 of 7: 429, 503 and the one without an answer", got.Failed, got.Total)
	}
}

func TestStatuses_that_are_failures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status                        int
		unserved, overloaded, refused bool
	}{
		{http.StatusOK, false, false, false},
		{http.StatusNotModified, false, false, false},
		{http.StatusBadRequest, false, false, true},
		{http.StatusUnauthorized, true, false, true},
		{http.StatusPaymentRequired, true, false, true},
		{http.StatusNotFound, false, false, true},
		{http.StatusRequestTimeout, true, true, true},
		{http.StatusTooManyRequests, true, true, true},
		{http.StatusInternalServerError, true, true, true},
	} {
		if u, o, r := Unserved(c.status), Overloaded(c.status), Refused(c.status); u != c.unserved || o != c.overloaded || r != c.refused {
			t.Errorf("%d: unserved %t, overloaded %t, refused %t", c.status, u, o, r)
		}
	}
}
