package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"heyq/heygen/simulator"
)

// titled returns the renders with the text in their titles.
func (a *account) titled(text string) (found []simulator.Billed) {
	for _, render := range a.Ledger().Renders {
		if strings.Contains(render.Title, text) {
			found = append(found, render)
		}
	}
	return found
}

// newest returns the last n renders.
func (a *account) newest(n int) []simulator.Billed {
	all := a.Ledger().Renders
	return all[max(0, len(all)-n):]
}

// status asks HeyGen how far a render is; "" if HeyGen does not know it.
func (a *account) status(ctx context.Context, id string) (string, error) {
	var answer struct {
		Data struct {
			Status string `json:"status"`
		} `json:"data"`
	}
	err := a.call(ctx, http.MethodGet, "/v3/videos/"+id, &answer)
	return answer.Data.Status, err
}

// call makes one call that no counter counts: it is the run's own. What HeyGen
// does not know is no error.
func (a *account) call(ctx context.Context, method, path string, out any) error {
	return a.send(ctx, method, path, nil, out)
}

// send is call with a body.
func (a *account) send(ctx context.Context, method, path string, body, out any) error {
	var encoded bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&encoded).Encode(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, &encoded)
	if err != nil {
		return err
	}
	req.Header.Set("X-Api-Key", "chaos")
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return nil
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("%s %s: %s", method, path, answer.Status)
	case out == nil:
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(out)
}
