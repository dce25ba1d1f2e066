package remote

import (
	"context"
	"net/http"
	"time"
)

// Admission says whether queued videos are let through to HeyGen.
type Admission struct {
	State  string     `json:"state"` // open, paused or stopped
	Reason string     `json:"reason"`
	Until  *time.Time `json:"until"`
}

// Admission returns the gate as it stands.
func (c *Client) Admission(ctx context.Context) (Admission, error) {
	return c.admission(ctx, http.MethodGet, "")
}

// PauseAdmission closes the gate until somebody resumes it.
func (c *Client) PauseAdmission(ctx context.Context) (Admission, error) {
	return c.admission(ctx, http.MethodPost, "/pause")
}

// ResumeAdmission opens the gate, whatever closed it.
func (c *Client) ResumeAdmission(ctx context.Context) (Admission, error) {
	return c.admission(ctx, http.MethodPost, "/resume")
}

func (c *Client) admission(ctx context.Context, method, action string) (Admission, error) {
	var a Admission
	err := c.call(ctx, request{method: method, path: "/v1/admission" + action}, &a)
	return a, err
}
