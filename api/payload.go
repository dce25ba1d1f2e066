package api

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"heyq/internal/fault"
	"heyq/internal/text"
)

// The most bytes that a body may have.
const (
	maxBody  = 1 << 20
	maxBatch = 10 << 20
)

// payload is a request's body as it came. huma fills it in before the handler
// runs, and never reads more than the operation's MaxBodyBytes.
type payload struct {
	data []byte
	err  error
}

var _ huma.Resolver = (*payload)(nil)

// Resolve reads the body. What goes wrong is kept for the handler, where every
// error becomes a problem in the same way.
func (p *payload) Resolve(ctx huma.Context) []error {
	most := ctx.Operation().MaxBodyBytes
	r, w := humago.Unwrap(ctx)
	if r.ContentLength > most {
		p.err = tooLarge(most)
		return nil
	}
	p.data, p.err = io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if _, over := errors.AsType[*http.MaxBytesError](p.err); over {
		p.err = tooLarge(most)
	} else if p.err != nil {
		p.err = fault.Wrap(p.err, fault.Malformed, "the body did not arrive in full").WithHint("send it again")
	}
	return nil
}

func tooLarge(most int64) error {
	return fault.New(fault.TooLarge, "the body is larger than %d bytes", most).
		WithHint("send up to 1 MB for one video, and up to 10 MB and 1,000 videos for a batch")
}

// empty reports whether there is no body at all.
func (p *payload) empty() bool { return p.err == nil && len(p.data) == 0 }

// bytes returns the body, which is not empty.
func (p *payload) bytes() ([]byte, error) {
	if p.err == nil && len(p.data) == 0 {
		return nil, fault.New(fault.Malformed, "the body is empty").WithHint("send a JSON object")
	}
	return p.data, p.err
}

// parse returns the body as encoding/json sees it.
func (p *payload) parse() (any, error) {
	if _, err := p.bytes(); err != nil {
		return nil, err
	}
	if err := text.CheckJSON(theBody, p.data); err != nil {
		return nil, err
	}
	return parse(p.data)
}

// theBody is what a fault calls a body.
const theBody = "the body"

// parse reads JSON that text has checked.
func parse(data []byte) (any, error) {
	var parsed any
	err := json.Unmarshal(data, &parsed)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok { // a number beyond float64
		return nil, fault.New(fault.Invalid, notReadable).
			WithField("body", mismatch.Value, "is out of range at byte %d; give a smaller number", mismatch.Offset)
	}
	return parsed, err
}

// into reads a JSON object of a shape, which it points to the type of.
func (p *payload) into(s shape, object any) error {
	parsed, err := p.parse()
	if err != nil {
		return err
	}
	return s.decode(parsed, object)
}

const notReadable = "the body is not valid"
