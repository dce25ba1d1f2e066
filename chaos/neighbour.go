package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
)

// neighbour is what another installation has in the same places: a render and a
// webhook endpoint at HeyGen, and a file in the media store. heyq may touch
// none of it.
type neighbour struct {
	render   string // its id at HeyGen
	endpoint string // its URL
	file     string
}

// neighbourTitle is how another installation's heyq names its render.
const neighbourTitle = "[heyq 0badcafe 0badcafe-0000-7000-8000-000000000001.1] a neighbour's"

const neighbourFile = "a neighbour's file"

// openNeighbour lets the neighbour be there before heyq starts.
func (s *stage) openNeighbour(ctx context.Context) error {
	n := &neighbour{endpoint: "https://neighbour.example/webhooks/heygen", file: filepath.Join(s.media(), "videos", uuid.NewString(), "1", "video.mp4")}
	var render struct {
		Data struct {
			VideoID string `json:"video_id"`
		} `json:"data"`
	}
	body := map[string]any{"type": "avatar", "avatar_id": "avatar_1", "voice_id": "voice_1", "script": "Not yours.", "title": neighbourTitle}
	if err := s.heygen.send(ctx, http.MethodPost, "/v3/videos", body, &render); err != nil {
		return fmt.Errorf("a neighbour's render: %w", err)
	}
	n.render = render.Data.VideoID
	if err := s.heygen.send(ctx, http.MethodPost, "/v3/webhooks/endpoints", map[string]any{"url": n.endpoint}, nil); err != nil {
		return fmt.Errorf("a neighbour's endpoint: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(n.file), 0o700); err != nil {
		return err
	}
	s.neighbour = n
	return os.WriteFile(n.file, []byte(neighbourFile), 0o600)
}

// harmed says what of the neighbour's is not as it was.
func (s *stage) harmed(ctx context.Context) (harm []string, err error) {
	status, err := s.heygen.status(ctx, s.neighbour.render)
	if err != nil {
		return nil, err
	}
	if status != "completed" {
		harm = append(harm, fmt.Sprintf("its render is %q", status))
	}
	var list json.RawMessage
	if err := s.heygen.call(ctx, http.MethodGet, "/v3/webhooks/endpoints?limit=100", &list); err != nil {
		return nil, err
	}
	if !strings.Contains(string(list), s.neighbour.endpoint) {
		harm = append(harm, "its webhook endpoint is gone")
	}
	if data, err := os.ReadFile(s.neighbour.file); err != nil || string(data) != neighbourFile {
		harm = append(harm, fmt.Sprintf("its file holds %q (%v)", data, err))
	}
	return harm, nil
}

// I11: nothing of another installation was touched.
func (e evidence) neighbourIsWell() Invariant {
	i := Invariant{Name: "I11", Promise: "nothing of a neighbour's was touched", Checked: "a render, an endpoint, a file"}
	for _, harm := range e.harm {
		i.breach(harm)
	}
	return i
}
