package notify_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"heyq/internal/notify"
	"heyq/wire"
)

var (
	secret      = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 32)))
	verifier, _ = standardwebhooks.NewWebhook(secret) // of a secret that is valid
)

func note(id string, event wire.Ended) { fmt.Println(id, event.Type, event.Data.Title) }

func receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 256<<10))
	if err != nil || verifier.Verify(body, r.Header) != nil { // standardwebhooks.NewWebhook(secret)
		http.Error(w, "not from heyq", http.StatusUnauthorized)
		return
	}
	var event wire.Ended
	if err := json.Unmarshal(body, &event); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	note(r.Header.Get("webhook-id"), event) // once for each id
	w.WriteHeader(http.StatusNoContent)
}

func Example() {
	receiver := httptest.NewServer(http.HandlerFunc(receive))
	defer receiver.Close()
	client, err := notify.New(notify.Options{Secrets: []string{secret}, Private: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	body := []byte(`{"type":"video.completed","data":{"title":"Hello Ada"}}`)
	fmt.Println(client.Post(context.Background(), receiver.URL, "id-1", time.Now(), body).Status)
	forged, _ := http.Post(receiver.URL, "application/json", strings.NewReader(string(body)))
	_ = forged.Body.Close()
	fmt.Println(forged.StatusCode)
	// Output:
	// id-1 video.completed Hello Ada
	// 204
	// 401
}
