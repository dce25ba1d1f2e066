package client

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"

	"heyq/internal/fault"
)

// A reader comes back to where it was, over whatever breaks, until its caller stops.
func TestEvents_come_back(t *testing.T) {
	t.Parallel()
	const event = "event: video\nid: %d-0\ndata: {\"video_id\":\"v\",\"state\":\"rendering\",\"at\":\"2030-01-01T00:00:00Z\",\"progress\":%d,\"eta\":null}\n\n"
	var visits atomic.Int32
	var came []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		came = append(came, r.Header.Get("Last-Event-ID")) // one at a time
		switch visits.Add(1) {
		case 1:
			fmt.Fprintf(w, "retry: 2000\nid: 5-0\n\n: still here\n\n"+event+event, 6, 10, 7, 20)
			fmt.Fprint(w, "event: video\nid: 8-0\ndata: {\"vid") // it breaks
		case 2:
			fmt.Fprint(w, "event: missed\ndata: {\"message\":\"m\"}\n\n")
			fmt.Fprintf(w, event+"event: end\ndata: {\"reason\":\"slow\"}\n\n", 9, 30)
		case 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			fmt.Fprint(w, "id: 11-0\n\n")
			fmt.Fprintf(w, event, 12, 40)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}
	}))
	t.Cleanup(server.Close)
	var progress []int
	missed, away := 0, 0
	for e, err := range New(server.URL, "").Videos.Events(t.Context(), "v") {
		switch {
		case fault.CodeOf(err) == fault.Unavailable:
			away++
			continue
		case err != nil:
			t.Fatal(err)
		case e.Missed:
			missed++
			continue
		}
		if progress = append(progress, *e.Progress); *e.Progress == 40 {
			break
		}
	}
	if !slices.Equal(progress, []int{10, 20, 30, 40}) || missed != 1 || away != 1 {
		t.Errorf("heard %v, missed %d times, away %d times", progress, missed, away)
	}
	if !slices.Equal(came, []string{"", "7-0", "9-0", "9-0"}) {
		t.Errorf("it went on behind %q", came)
	}
}

func TestEvents_end(t *testing.T) {
	t.Parallel()
	errs := 0
	for _, err := range answering(t, http.StatusNotFound, "application/problem+json", `{"detail":"there is no video"}`).Videos.Events(t.Context(), "v") {
		if errs++; fault.CodeOf(err) != fault.NotFound || errs > 1 {
			t.Fatalf("%d: %v", errs, err)
		}
	}
	if errs != 1 {
		t.Errorf("a video that does not exist gives %d errors", errs)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, err := range answering(t, http.StatusServiceUnavailable, "application/problem+json", `{"detail":"not now"}`).Videos.AllEvents(ctx) {
		cancel()
		if err == nil {
			t.Fatal("there is an event")
		}
	}
}
