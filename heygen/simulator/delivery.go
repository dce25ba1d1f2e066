package simulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"heyq/internal/logkey"
)

// retriedFor is how long a delivery is tried.
const retriedFor = 24 * time.Hour

// delivery is one event on its way to one receiver.
type delivery struct {
	render *render
	event  event
	to     receiver
	fault  string // forged, unsigned, huge or replayed; empty: as it should be
	tries  int
	since  time.Time
	left   *atomic.Int32 // deliveries of the event that have not ended
}

// receiver is a registered endpoint, or a create's callback_url, which has no
// secret.
type receiver struct{ url, secret string }

// schedule reminds of the renders whose end a receiver wants to hear of. The
// state calls it with each record, under its lock.
func (s *Simulator) schedule(rec *record) {
	if v := rec.Render; v != nil && rec.Told == "" && (v.CallbackURL != "" || len(s.state.webhooks) > 0) {
		s.remind(v)
	}
	if rec.Webhook != nil {
		for _, v := range s.state.inFlight {
			s.remind(v)
		}
	}
}

// reschedule plans the webhooks of recent renders whose end an earlier process
// had not yet told to all receivers.
func (s *Simulator) reschedule() {
	now := s.opts.Clock()
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	for _, v := range s.state.order {
		recent := now.Sub(time.UnixMilli(v.ReadyMS)) < retriedFor
		if recent && !v.gone.Load() && !v.told.Load() && (v.CallbackURL != "" || len(s.state.webhooks) > 0) {
			s.remind(v)
		}
	}
}

func (s *Simulator) remind(v *render) {
	if !v.reminded {
		v.reminded = true
		s.courier.at(time.UnixMilli(v.ReadyMS), func() { s.tell(v) })
	}
}

// tell sends the event of v's end to all who want it. A stuck render has no end.
func (s *Simulator) tell(v *render) {
	now := s.opts.Clock()
	if v.gone.Load() || !v.ended(now) {
		return
	}
	for _, d := range s.deliveries(v, now) {
		s.dispatch(d, now)
	}
}

// tellEarly sends it at once and returns when every receiver has answered or
// had its time.
func (s *Simulator) tellEarly(v *render) {
	for _, d := range s.deliveries(v, s.opts.Clock()) {
		s.attempt(d)
	}
}

// deliveries are what v's end has to be told to. With none it counts as told.
func (s *Simulator) deliveries(v *render, now time.Time) []*delivery {
	e := s.eventOf(v, now)
	to := s.state.receivers(v, e.Type)
	if len(to) == 0 {
		s.markTold(v)
		return nil
	}
	s.events.add(e)
	left := &atomic.Int32{}
	left.Store(int32(len(to)))
	all := make([]*delivery, len(to))
	for i, r := range to {
		all[i] = &delivery{render: v, event: e, to: r, since: now, left: left}
	}
	return all
}

// receivers are the endpoints that were there when v ended and take the event,
// and v's own callback.
func (st *state) receivers(v *render, kind string) []receiver {
	st.mu.Lock()
	defer st.mu.Unlock()
	var all []receiver
	for _, w := range st.webhooks {
		at, err := time.Parse(time.RFC3339, w.CreatedAt)
		if err == nil && at.UnixMilli() <= v.ReadyMS && w.Status == "enabled" && (w.Events == nil || slices.Contains(w.Events, kind)) {
			all = append(all, receiver{w.URL, w.Secret})
		}
	}
	if v.CallbackURL != "" {
		all = append(all, receiver{url: v.CallbackURL})
	}
	return all
}

// attempt posts d once, and plans what follows.
func (s *Simulator) attempt(d *delivery) {
	status, err := s.post(d)
	now := s.opts.Clock()
	s.opts.Logger.Debug().Err(err).Str(logkey.Call, "webhook").Str(logkey.Event, d.event.ID).Int(logkey.Status, status).Send()
	switch {
	case s.courier.ctx.Err() != nil: // closing: the next simulator that opens the folder goes on
		return
	case status/100 == 2:
		s.courier.arrived(d, func(held *delivery) { s.courier.at(now, func() { s.attempt(held) }) })
		s.end(d)
	case now.Sub(d.since) >= retriedFor:
		s.end(d)
	default:
		wait := s.opts.WebhookRetry << min(d.tries, 12)
		d.tries++
		s.courier.at(now.Add(wait), func() { s.attempt(d) })
	}
}

// end takes d off the list. With the last one the event is told.
func (s *Simulator) end(d *delivery) {
	if d.left.Add(-1) == 0 {
		s.markTold(d.render)
	}
}

func (s *Simulator) markTold(v *render) {
	if !v.told.Load() {
		s.change(func(*state, time.Time) (*record, answer) { return &record{Told: v.ID}, answer{} })
	}
}

// post sends the body, signed as HeyGen signs it. Any answer but a 2xx is a failure.
func (s *Simulator) post(d *delivery) (status int, err error) {
	s.courier.places <- struct{}{}
	defer func() { <-s.courier.places }()

	body := encode(d.body())
	req, err := http.NewRequestWithContext(s.courier.ctx, http.MethodPost, d.to.url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if d.to.secret != "" && d.fault != "unsigned" {
		s.sign(req.Header, body, d)
	}
	answer, err := s.courier.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("webhook: %w", err)
	}
	return answer.StatusCode, answer.Body.Close()
}

// sign proves where a body comes from. The timestamp is not covered by the
// signature, with HeyGen either.
func (s *Simulator) sign(h http.Header, body []byte, d *delivery) {
	mac := hmac.New(sha256.New, []byte(d.secret()))
	mac.Write(body)
	signature := hex.EncodeToString(mac.Sum(nil))
	if s.opts.PlainSignature {
		h.Set("Signature", signature)
		return
	}
	h.Set("Heygen-Signature", signature)
	h.Set("Heygen-Timestamp", strconv.FormatInt(d.sentAt(s.opts.Clock()).Unix(), 10))
	h.Set("Heygen-Event-Id", d.event.ID)
}
