package simulator

import (
	"encoding/hex"
	"maps"
	"net/http"
	"time"
)

// Ledger is what the account was asked for and would have paid.
type Ledger struct {
	// Accepted counts every render, whether or not its answer arrived, whether or
	// not it failed, and whether or not it was deleted later.
	Accepted int `json:"accepted"`
	// Renders lists them in the order of acceptance; absent if it was left out.
	Renders []Billed `json:"renders,omitzero"`
	// Calls counts the API calls under their short names, refused ones included.
	Calls map[string]int64 `json:"calls"`
	// MaxInFlight is the most renders that were in flight at any instant.
	MaxInFlight int `json:"max_in_flight"`
}

// Billed is one accepted render, and paid unless it failed.
type Billed struct {
	VideoID        string    `json:"video_id"`
	IdempotencyKey string    `json:"idempotency_key"` // empty: the create came without one
	Title          string    `json:"title"`
	CreatedAt      time.Time `json:"created_at"` // to the millisecond
	BilledSeconds  float64   `json:"billed_seconds"`
	Failed         bool      `json:"failed,omitempty"`    // it ended without a video and costs nothing
	Abandoned      bool      `json:"abandoned,omitempty"` // it was stuck, and deleted: it never ended, and costs nothing
	SHA256         string    `json:"sha256"`              // of the true video file, the one with captions if they were to be in the picture; in hexadecimal
	Bytes          int64     `json:"bytes"`               // its size
}

// serveLedger answers GET /_sim/ledger; ?renders=false leaves the list out. It
// needs no key: it is the simulator's, not HeyGen's.
func (s *Simulator) serveLedger(w http.ResponseWriter, r *http.Request) {
	l := s.state.ledger(s.opts.Clock(), r.URL.Query().Get("renders") != "false")
	answer{Status: http.StatusOK, Body: encode(l)}.send(w, r)
}

func (st *state) ledger(now time.Time, withRenders bool) Ledger {
	st.mu.Lock()
	all := st.order[:len(st.order):len(st.order)]
	l := Ledger{Accepted: len(all), Calls: maps.Clone(st.calls), MaxInFlight: st.maxInFlight}
	st.mu.Unlock()
	if !withRenders {
		return l
	}
	l.Renders = make([]Billed, len(all))
	for i, v := range all {
		l.Renders[i] = billed(v, now)
	}
	return l
}

func billed(v *render, now time.Time) Billed {
	name := videoFile
	if v.Burned { // that is what was asked for
		name = captionedFile
	}
	f := movie(v, name)
	b := Billed{
		VideoID: v.ID, IdempotencyKey: v.Key, Title: v.Title,
		CreatedAt: time.UnixMilli(v.CreatedMS).UTC(), BilledSeconds: clipSeconds,
		SHA256: hex.EncodeToString(f.sum[:]), Bytes: f.content.Size(),
	}
	code, _ := v.failure()
	b.Failed, b.Abandoned = code != "" && v.ended(now), v.stuck() && v.gone.Load()
	if b.Failed || b.Abandoned {
		b.BilledSeconds = 0
	}
	return b
}
