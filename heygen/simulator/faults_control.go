package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// faultHeader makes one fault happen to the request that carries it:
// "accept_reset", or "hang; delay_ms=2000". On a create it may also name what is
// to become of the render (stuck) and of its webhook (twice). On a request that
// cannot have the fault it does nothing, so that a client may send it with all.
const faultHeader = "X-Sim-Fault"

// setFaults answers POST /_sim/faults. Like everything under /_sim it needs no
// key and counts as no call.
func (s *Simulator) setFaults(w http.ResponseWriter, r *http.Request) {
	var f Faults
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	d.DisallowUnknownFields()
	err := d.Decode(&f)
	if err == nil {
		err = s.SetFaults(f)
	}
	if err != nil {
		invalid("", err.Error()).answer().send(w, r)
		return
	}
	s.showFaults(w, r)
}

// clearFaults answers DELETE /_sim/faults.
func (s *Simulator) clearFaults(w http.ResponseWriter, r *http.Request) {
	s.faults.Store(nil)
	s.showFaults(w, r)
}

// showFaults answers GET /_sim/faults.
func (s *Simulator) showFaults(w http.ResponseWriter, r *http.Request) {
	f, fired := s.Faults()
	if f.Rules == nil {
		f.Rules = []Rule{}
	}
	answer{Status: http.StatusOK, Body: encode(struct {
		Faults
		Fired map[string]int `json:"fired"`
	}{f, fired})}.send(w, r)
}

// wished is the fault that a request asks for itself, if t can have it. Its
// header was checked on arrival.
func (t target) wished() (Rule, bool) {
	if t.wish == "" {
		return Rule{}, false
	}
	rule, err := readWish(t.wish)
	rule.On = t.on
	return rule, err == nil && slices.Contains(faultNames[t.on], rule.Fault)
}

// readWish reads the header: a name, then fields of a rule.
func readWish(header string) (Rule, error) {
	name, rest, _ := strings.Cut(header, ";")
	rule := Rule{Fault: strings.TrimSpace(name)}
	if !knownFault(rule.Fault) {
		return rule, fmt.Errorf("unknown fault %q; known: %s", rule.Fault, strings.Join(allFaults(), ", "))
	}
	for part := range strings.SplitSeq(rest, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		n, err := strconv.ParseUint(value, 10, 31)
		switch {
		case err != nil:
			return rule, fmt.Errorf("%s: %q is not a number", key, value)
		case key == "delay_ms":
			rule.Delay = time.Duration(n) * time.Millisecond
		case key == "retry_after":
			rule.RetryAfter = int(n)
		default:
			return rule, fmt.Errorf("unknown %q; known: delay_ms, retry_after", key)
		}
	}
	return rule, nil
}

func knownFault(name string) bool { return slices.Contains(allFaults(), name) }

// allFaults are the names of all faults, sorted.
func allFaults() []string {
	var all []string
	for names := range maps.Values(faultNames) {
		all = append(all, names...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
