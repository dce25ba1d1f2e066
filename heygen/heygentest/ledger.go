package heygentest

import (
	"maps"
	"net/http"
	"time"
)

// Ledger is what the account was asked for and would have paid.
type Ledger struct {
	// Accepted counts every paid render, whether or not its answer arrived and
	// whether or not it was deleted later.
	Accepted int `json:"accepted"`
	// Renders lists them in the order of acceptance; absent where it was left out.
	Renders []Billed `json:"renders,omitzero"`
	// Calls counts the API calls under their short names, refused ones included.
	Calls map[string]int64 `json:"calls"`
	// MaxInFlight is the most renders that were in flight at any instant.
	MaxInFlight int `json:"max_in_flight"`
}

// Billed is one paid render.
type Billed struct {
	VideoID        string    `json:"video_id"`
	IdempotencyKey string    `json:"idempotency_key"` // empty: the create came without one
	Title          string    `json:"title"`
	CreatedAt      time.Time `json:"created_at"` // to the millisecond
	BilledSeconds  float64   `json:"billed_seconds"`
}

// serveLedger answers GET /_sim/ledger; ?renders=false leaves the list out. It
// needs no key: it is the simulator's, not HeyGen's.
func (s *Simulator) serveLedger(w http.ResponseWriter, r *http.Request) {
	l := s.state.ledger(r.URL.Query().Get("renders") != "false")
	answer{Status: http.StatusOK, Body: encode(l)}.send(w)
}

func (st *state) ledger(withRenders bool) Ledger {
	st.mu.Lock()
	all := st.order[:len(st.order):len(st.order)]
	l := Ledger{Accepted: len(all), Calls: maps.Clone(st.calls), MaxInFlight: st.maxInFlight}
	st.mu.Unlock()
	if !withRenders {
		return l
	}
	l.Renders = make([]Billed, len(all))
	for i, v := range all {
		l.Renders[i] = Billed{
			VideoID: v.ID, IdempotencyKey: v.Key, Title: v.Title,
			CreatedAt: time.UnixMilli(v.CreatedMS).UTC(), BilledSeconds: clipSeconds,
		}
	}
	return l
}
