package app

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"heyq/config"
)

// A process that is told to end does not wait for who follows videos: it tells them, and
// where to go on they know.
func TestApp_ends_its_streams_first(t *testing.T) {
	t.Parallel()
	c, _, err := config.Load([]string{"HEYQ_DIR=" + t.TempDir(), "HEYQ_ADDR=127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(t.Context(), Options{Config: c, Roles: []Role{API}, Migrate: true, Logger: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.Where().API+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.OperatorToken().Reveal())
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines, last, begun := bufio.NewScanner(answer.Body), "", false
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "id: ") && !begun {
			begun = true
			stop()
		}
		if lines.Text() != "" {
			last = lines.Text()
		}
	}
	if err := lines.Err(); err != nil || last != `data: {"reason":"stopped"}` || !begun {
		t.Errorf("it ends with %q, %v", last, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
