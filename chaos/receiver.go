package chaos

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receiver is who wants to know when a video has ended: it takes heyq's
// notifications, and checks who signed them.
type receiver struct {
	url    string
	server *http.Server
	verify *standardwebhooks.Webhook
	mood   atomic.Int32

	mu    sync.Mutex
	told  map[uuid.UUID]map[string]int // deliveries by video and event
	wrong []string                     // what was not signed, or not readable
}

// The moods of a receiver.
const (
	pleased = iota
	failing // 500 to everything
	silent  // no answer
)

// notifySecret is shared by heyq and its receiver for the length of a run.
const notifySecret = "whsec_Y2hhb3MgaXMgYSBsYWRkZXIgb2YgdGhpbmdz"

func openReceiver() (*receiver, error) {
	verify, err := standardwebhooks.NewWebhook(notifySecret)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for notifications: %w", err)
	}
	r := &receiver{
		url: "http://" + listener.Addr().String(), verify: verify, told: map[uuid.UUID]map[string]int{},
	}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

// ServeHTTP takes one notification, as the mood allows.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch r.mood.Load() {
	case failing:
		w.WriteHeader(http.StatusInternalServerError)
		return
	case silent:
		<-req.Context().Done()
		return
	}
	body, err := io.ReadAll(req.Body)
	if err == nil {
		err = r.verify.Verify(body, req.Header)
	}
	if err == nil {
		err = r.note(body)
	}
	if err != nil {
		r.mu.Lock()
		r.wrong = append(r.wrong, err.Error())
		r.mu.Unlock()
		w.WriteHeader(http.StatusBadRequest)
	}
}

func (r *receiver) note(body []byte) error {
	var event struct {
		Type string `json:"type"`
		Data struct {
			ID uuid.UUID `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.told[event.Data.ID] == nil {
		r.told[event.Data.ID] = map[string]int{}
	}
	r.told[event.Data.ID][event.Type]++
	return nil
}

func (r *receiver) close() error { return r.server.Close() }

// heard is what it was told, and what it would not believe.
func (r *receiver) heard() (told map[uuid.UUID]map[string]int, wrong []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.told, r.wrong
}
