package heygen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

const (
	maxAnswer = 8 << 20  // bytes of a good answer: 100 videos with their links are well under 1 MiB
	maxReason = 64 << 10 // bytes of a bad one
	maxDepth  = 32       // objects and lists within each other
	maxValues = 100_000  // values of an answer: 100 videos have some 2,000
)

// call is what the RoundTrippers need to know of a call; it travels in the
// request's context.
type call struct {
	name    string       // for Record
	maySend func() error // asked right before the wire; nil: it may
}

type callKey struct{}

func callOf(ctx context.Context) call {
	c, _ := ctx.Value(callKey{}).(call)
	return c
}

// CallName returns the name of the call that a request belongs to (create, get,
// statuses, ...), for a Transport that tells of its requests.
func CallName(req *http.Request) string { return callOf(req.Context()).name }

// answer is the envelope of HeyGen's good answers.
type answer[T any] struct {
	Data      T               `json:"data"`
	HasMore   *bool           `json:"has_more"` // nil if HeyGen does not say
	NextToken string          `json:"next_token"`
	Error     json.RawMessage `json:"error"`
}

func (a *answer[T]) errorInside() json.RawMessage { return a.Error }

// get reads path into out, an *answer.
func (c *Client) get(ctx context.Context, name, path string, query url.Values, out envelope) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.timeout.Do(ctx, func(ctx context.Context) error {
		return c.send(ctx, call{name: name}, http.MethodGet, path, nil, "", out)
	})
}

// delete removes what path names; out is an *answer.
func (c *Client) delete(ctx context.Context, name, path string, out envelope) error {
	return c.timeout.Do(ctx, func(ctx context.Context) error {
		return c.send(ctx, call{name: name}, http.MethodDelete, path, nil, "", out)
	})
}

type envelope interface{ errorInside() json.RawMessage }

// send makes one call and reads its answer into out. It is the only place that
// builds a request, and answerInto the only one that reads an answer.
func (c *Client) send(ctx context.Context, what call, method, path string, body []byte, key string, out envelope) error {
	ctx = context.WithValue(ctx, callKey{}, what)
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, nil)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", what.name, ErrNotSent, err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		// GetBody stays nil on purpose. With it, net/http takes an Idempotency-Key
		// as leave to send a POST again, on its own, when a reused connection dies.
		req.Body = io.NopCloser(bytes.NewReader(body))
		req.ContentLength = int64(len(body))
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", what.name, err)
	}
	defer resp.Body.Close()
	if err := c.answerInto(out, resp); err != nil {
		return fmt.Errorf("%s: %w", what.name, err)
	}
	return nil
}

// answerInto reads a good answer into out and turns any other into an error.
func (c *Client) answerInto(out envelope, resp *http.Response) error {
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		// The status says what happened; a reason that breaks off is no loss.
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxReason))
		return c.errorOf(resp, body)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if len(body) > maxAnswer {
		return fmt.Errorf("%w: over %d bytes", ErrUnreadable, maxAnswer)
	}
	if !modest(body) {
		return fmt.Errorf("%w: over %d values, or %d levels deep", ErrUnreadable, maxValues, maxDepth)
	}
	err = json.Unmarshal(body, out)
	if present(out.errorInside()) {
		return c.errorOf(resp, body)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreadable, withoutInput(err))
	}
	return nil
}

// modest reports whether a decoded answer needs about as much memory as its bytes do. In
// a list an empty object has three bytes, and becomes a whole video.
func modest(body []byte) bool {
	depth, values := 0, 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			for i++; i < len(body) && body[i] != '"'; i++ {
				if body[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			values++
		case '}', ']':
			depth--
		case ',':
			values++
		}
		if depth > maxDepth || values > maxValues {
			return false
		}
	}
	return true
}

// withoutInput drops what a JSON error quotes of the answer.
func withoutInput(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s is not of the documented type", wrong.Field)
	}
	return errors.New("not JSON")
}

// pathTo joins a resource and an id. An id that would name another resource is
// refused before anything is sent.
func pathTo(resource, id string) (string, error) {
	if id == "" || id == "." || id == ".." {
		return "", fmt.Errorf("%w: %q is no id", ErrNotSent, id)
	}
	return resource + "/" + url.PathEscape(id), nil
}
