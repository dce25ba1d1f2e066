package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// failing lets a create go wrong, before it is accepted or on the way back.
func (s *Simulator) failing(create handler) handler {
	return func(r *http.Request) answer {
		if s.calm(r) {
			return create(r)
		}
		title := peekTitle(r)
		t := target{on: onCreate, about: r.Header.Get("Idempotency-Key"), title: title, wish: r.Header.Get(faultHeader)}
		if t.about == "" {
			t.about = title
		}
		hit := s.draw(t)
		if hit == nil {
			return create(r)
		}
		if spoil, ok := s.losses()[hit.fault]; ok {
			return lose(create(r), hit, spoil)
		}
		return s.notAccepted(r, hit)
	}
}

// lose spoils the answer of a create that was accepted. A refusal goes out
// whole, and the shot is not spent.
func lose(a answer, hit *shot, spoil func(answer, *shot) answer) answer {
	if a.Status != http.StatusOK {
		hit.back()
		return a
	}
	return spoil(a, hit)
}

// losses are the faults after acceptance.
func (s *Simulator) losses() map[string]func(answer, *shot) answer {
	return map[string]func(answer, *shot) answer{
		"accept_hang":  func(_ answer, hit *shot) answer { return s.hanging(hit) },
		"accept_500":   func(answer, *shot) answer { return internalError().answer() },
		"accept_504":   func(answer, *shot) answer { return page(http.StatusGatewayTimeout, "504 Gateway Time-out") },
		"accept_reset": func(answer, *shot) answer { return resetting() },
		"accept_half":  func(a answer, _ *shot) answer { return halved(a) },
		"not_json":     func(answer, *shot) answer { return page(http.StatusOK, "Please stand by") },
	}
}

// notAccepted answers in the create's place.
func (s *Simulator) notAccepted(r *http.Request, hit *shot) answer {
	switch hit.fault {
	case "invalid": // through the keys: it is kept and replayed like every refusal
		return s.once(func(*http.Request) (draft, *problem) {
			return nil, invalid("script", "The script was refused.")
		})(r)
	case "hang":
		return s.hanging(hit)
	case "reset":
		return resetting()
	case "in_progress":
		return inProgress().answer()
	case "throttle":
		return throttled(max(1, hit.retryAfter)).answer()
	case "unpaid":
		return (&problem{
			status: http.StatusPaymentRequired, code: "insufficient_credit",
			message: "Your account has 0 credits but this video requires 10 credits.",
		}).answer()
	case "unauthorized":
		return unauthorized()
	case "unscoped":
		return unscoped("videos:write")
	case "edge":
		return page(http.StatusForbidden, "403 Forbidden")
	case "not_ready":
		return (&problem{
			status: http.StatusConflict, code: "resource_not_ready", message: "The avatar is still being processed.",
		}).answer()
	case "conflict":
		return (&problem{status: http.StatusConflict, code: "conflict", message: "The request conflicts with another one."}).answer()
	case "odd_error":
		return answer{
			Status: http.StatusBadRequest,
			Body:   encode(map[string]any{"error": map[string]any{"type": "validation", "detail": "The scene has no background."}}),
		}
	case "error_200":
		a := internalError().answer()
		a.Status = http.StatusOK
		return a
	default:
		return internalError().answer()
	}
}

// hanging gives no answer until the delay is over, and then none either.
func (s *Simulator) hanging(hit *shot) answer {
	return answer{spoil: func(w http.ResponseWriter, r *http.Request, _ answer) {
		s.wait(r, hit.delay)
		hangUp(w)
	}}
}

func resetting() answer {
	return answer{spoil: func(w http.ResponseWriter, _ *http.Request, _ answer) { reset(w) }}
}

// halved announces the whole body and sends half of it.
func halved(a answer) answer {
	a.spoil = func(w http.ResponseWriter, _ *http.Request, a answer) {
		a.writeHead(w)
		_, _ = w.Write(a.Body[:len(a.Body)/2])
		_ = http.NewResponseController(w).Flush()
		hangUp(w)
	}
	return a
}

// shortTitle is what is kept of a title that is cut, if the rule does not say.
const shortTitle = 40

// titled is the title that HeyGen keeps of a render: the one that it was given,
// unless a fault cuts it, or puts its own in its place.
func (s *Simulator) titled(v *render) string {
	hit := s.draw(target{on: onTitle, about: v.about(), title: v.Title, wish: v.Wish})
	switch {
	case hit == nil:
		return v.Title
	case hit.fault == "dropped":
		return "Untitled Video"
	}
	runes, keep := []rune(v.Title), cmp.Or(hit.keep, shortTitle)
	if len(runes) <= keep {
		hit.back()
		return v.Title
	}
	return string(runes[:keep])
}

// page is what a gateway answers: HTML.
func page(status int, text string) answer {
	body := "<html>\r\n<head><title>" + text + "</title></head>\r\n<body><center><h1>" + text + "</h1></center></body>\r\n</html>\r\n"
	return answer{Status: status, Kind: "text/html", Body: []byte(body)}
}

// peekTitle reads the title out of a body and puts the body back. With the body
// read to its end, the server notices when the client leaves.
func peekTitle(r *http.Request) string {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	rest := io.MultiReader(bytes.NewReader(raw), r.Body)
	if err != nil {
		rest = io.MultiReader(bytes.NewReader(raw), failingReader{err})
	}
	r.Body = io.NopCloser(rest)
	var body struct {
		Title string `json:"title"`
	}
	if json.Unmarshal(raw, &body) != nil {
		return ""
	}
	return strings.ToValidUTF8(body.Title, "")
}

// failingReader fails as the body did when it was read ahead.
type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }
