package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// perBatch is how many videos the API takes in one request.
const perBatch = 1000

// insert returns a step that asks for n videos over HTTP, a batch after the
// other.
func (s *stack) insert(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		for first := 0; first < n; first += perBatch {
			if err := s.post(ctx, "/v1/videos/batch", batch(first, min(perBatch, n-first))); err != nil {
				return err
			}
		}
		return nil
	}
}

// batch is the body of a request for n videos of the usual kind.
func batch(first, n int) []byte {
	b := []byte(`{"videos":[`)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"title":"Welcome, person %d","script":"Hello and welcome! The whole team is looking forward to meeting you. `+
			`This short video shows you what your first week will look like, and where to find help, number %d.",`+
			`"avatar_id":"avatar_%d","voice_id":"voice_1","metadata":{"person":"%d"}}`, first+i, first+i, i%5+1, first+i)
	}
	return append(b, "]}"...)
}

func (s *stack) pause(ctx context.Context) error {
	return s.post(ctx, "/v1/admission/pause", nil)
}

func (s *stack) resume(ctx context.Context) error {
	return s.post(ctx, "/v1/admission/resume", nil)
}

func (s *stack) post(ctx context.Context, path string, body []byte) error {
	return ask(ctx, http.MethodPost, s.apiURL+path, body, nil)
}

// ledger is what the simulator has counted.
type ledger struct {
	Accepted    int              `json:"accepted"` // paid renders
	Calls       map[string]int64 `json:"calls"`
	MaxInFlight int              `json:"max_in_flight"`
}

func (s *stack) ledger(ctx context.Context) (l ledger, err error) {
	err = ask(ctx, http.MethodGet, s.simulatorURL+"/_sim/ledger?renders=false", nil, &l)
	return l, err
}

// ask makes one request and decodes the answer into out, unless that is nil.
func ask(ctx context.Context, method, url string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+operatorToken)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, url, err)
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s: %.500s", method, url, answer.Status, read)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(read, out); err != nil {
		return fmt.Errorf("%s %s: %w", method, url, err)
	}
	return nil
}
