package chaos

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// door is where HeyGen reaches heyq: it passes deliveries on to the API and
// takes the time.
type door struct {
	url    string
	server *http.Server

	mu         sync.Mutex
	deliveries []delivery
}

// delivery is one webhook that HeyGen sent.
type delivery struct {
	At     time.Time
	Took   time.Duration
	Status int
}

func openDoor(api string) (*door, error) {
	target, err := url.Parse(api)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for webhooks: %w", err)
	}
	d := &door{url: "http://" + listener.Addr().String()}
	proxy := &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	d.server = &http.Server{Handler: d.timed(proxy), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = d.server.Serve(listener) }()
	return d, nil
}

func (d *door) timed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, answer := time.Now(), httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		d.mu.Lock()
		d.deliveries = append(d.deliveries, delivery{began, time.Since(began), answer.Code})
		d.mu.Unlock()
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

func (d *door) passed() []delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]delivery(nil), d.deliveries...)
}

func (d *door) close() error { return d.server.Close() }
