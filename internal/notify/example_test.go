package notify_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"heyq/internal/notify"
	"heyq/jobs"
)

var (
	secret      = "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("s", 32)))
	verifier, _ = standardwebhooks.NewWebhook(secret) // of a secret that is valid
)

func note(id string, event jobs.Event) { fmt.Println(id, event.Type, event.Data.Title) }

func receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 256<<10))
	if err != nil || verifier.Verify(body, r.Header) != nil { // standardwebhooks.NewWebhook(secret)
		http.Error(w, "not from heyq", http.StatusUnauthorized)
		return
	}
	var event jobs.Event
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

// What the documentation shows in Go is the receiver above.
func TestDocs_show_what_verifies(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	snippet := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(docs)
	if snippet == nil || !strings.Contains(string(source), string(snippet[1])) {
		t.Error("the Go of docs/webhooks.md is not that of example_test.go")
	}
}
