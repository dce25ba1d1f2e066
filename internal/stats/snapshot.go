package stats

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// snapshot is a copy of what a process, or all of them, had counted.
type snapshot map[Type]map[string]pair

// snapshot copies what was counted. Each tally is true to one moment, which is
// not the same for all of them.
func (r *Recorder) snapshot() snapshot {
	s := snapshot{}
	for t, e := range r.edges {
		s[t] = map[string]pair{}
		for name, o := range *e.names.Load() {
			s[t][name] = o.copy()
		}
	}
	return s
}

func (o *operation) copy() (p pair) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, t := range o.tallies {
		if t != nil {
			p[i] = &tally{histogram: t.histogram.Clone(), sum: t.sum, max: t.max}
		}
	}
	return p
}

// merge adds what another process counted. Names beyond what one process may
// have are counted as Other.
func (s snapshot) merge(other snapshot) {
	for t, names := range other {
		if s[t] == nil {
			s[t] = map[string]pair{}
		}
		for name, p := range names {
			merged, known := s[t][name]
			if !known && len(s[t]) >= mostNames-1 {
				name = Other
				merged = s[t][name]
			}
			merged.merge(p)
			s[t][name] = merged
		}
	}
}

// The form in which processes show each other what they counted. Fields are only
// added: in a deployment old and new processes read each other.
//
// A histogram of theirs is mostly empty: it is written as pairs of varints, the distance
// from the last count that is not zero and the count. The library's own form compresses
// all counts, and needs a compressor of a megabyte for each histogram.
type (
	wireSnapshot struct {
		Operations []wireOperation `json:"operations"`
	}
	wireOperation struct {
		Type    Type          `json:"type"`
		Name    string        `json:"name"`
		Outcome Outcome       `json:"outcome"`
		Sum     time.Duration `json:"sum"`
		Max     time.Duration `json:"max"`
		Counts  []byte        `json:"counts"`
	}
)

func (s snapshot) encode() ([]byte, error) {
	w := wireSnapshot{Operations: []wireOperation{}}
	for t, names := range s {
		for name, p := range names {
			for i, tally := range p {
				if tally != nil {
					w.Operations = append(w.Operations, wireOperation{t, name, outcomes[i], tally.sum, tally.max, filled(tally.histogram)})
				}
			}
		}
	}
	return json.Marshal(w)
}

// filled writes the counts that are not zero.
func filled(h *hdrhistogram.Histogram) []byte {
	var list []byte
	last := 0
	for place, count := range h.Export().Counts {
		if count > 0 {
			list = binary.AppendUvarint(list, uint64(place-last))
			list = binary.AppendUvarint(list, uint64(count))
			last = place
		}
	}
	return list
}

// decode reads what a process wrote. It leaves out types and outcomes that it does not
// know: a newer process wrote them.
func decode(encoded []byte) (snapshot, error) {
	var w wireSnapshot
	if err := json.Unmarshal(encoded, &w); err != nil {
		return nil, fmt.Errorf("read a process's statistics: %w", err)
	}
	s := snapshot{}
	for _, o := range w.Operations {
		outcome := slices.Index(outcomes[:], o.Outcome)
		if outcome < 0 || !slices.Contains(Types, o.Type) {
			continue
		}
		if s[o.Type] == nil {
			s[o.Type] = map[string]pair{}
		}
		p := s[o.Type][o.Name]
		p[outcome] = &tally{histogram: fill(o.Counts), sum: o.Sum, max: o.Max}
		s[o.Type][o.Name] = p
	}
	return s, nil
}

// mostCount is more than a process ever counts, and few enough to be summed up.
const mostCount = 1 << 40

// fill reads what filled wrote. What it cannot read, no heyq wrote.
func fill(list []byte) *hdrhistogram.Histogram {
	s := newHistogram().Export()
	place := uint64(0)
	for len(list) > 0 {
		gap, n := binary.Uvarint(list)
		count, m := binary.Uvarint(list[max(n, 0):])
		place += gap
		if n <= 0 || m <= 0 || place >= uint64(len(s.Counts)) || count > mostCount {
			break
		}
		s.Counts[place] = int64(count)
		list = list[n+m:]
	}
	return hdrhistogram.Import(s)
}
