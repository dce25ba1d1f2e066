package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// postTime is how long the receiver may take.
const postTime = 8 * time.Second

// Webhook is where messages go: an incoming webhook of Slack's, or of what
// speaks like it (Mattermost, Rocket.Chat, Discord under /slack).
type Webhook struct {
	url  string // a secret: who knows it can post
	http *http.Client
}

// NewWebhook returns the webhook at an http or https URL.
func NewWebhook(url string) *Webhook {
	return &Webhook{url: url, http: &http.Client{Timeout: postTime}}
}

// Post sends a text, once. An error says what came of it, and never the URL.
func (w *Webhook) Post(ctx context.Context, text string) error {
	body, err := json.Marshal(map[string]string{"text": text})
	if err != nil {
		return fmt.Errorf("encode the message: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address of the alert webhook cannot be used")
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := w.http.Do(req)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return fmt.Errorf("the alert webhook cannot be reached: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 200)) // what is cut off is not needed
		return fmt.Errorf("the alert webhook answered %s: %s", answer.Status, strings.ToValidUTF8(strings.TrimSpace(string(said)), ""))
	}
	return nil
}
