package main

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"heyq/cmd/heyq/internal/screen"
	"heyq/heygen/simulator"
	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

// demoReport is what a demo came to: the counts are of this run alone.
type demoReport struct {
	Videos    int        `json:"videos"`
	Completed int        `json:"completed"`
	Failed    int        `json:"failed"`
	Cancelled int        `json:"cancelled"`
	Billed    int        `json:"billed_renders"`
	Calls     demoCalls  `json:"api_calls"`
	Seconds   float64    `json:"seconds"`
	Files     []demoFile `json:"files"`

	made []madeVideo
}

// demoCalls are the calls that HeyGen got.
type demoCalls struct {
	Create   int `json:"create"`
	Statuses int `json:"statuses"`
	Get      int `json:"get"`
}

// demoFile is a file on this disk that was read and is good.
type demoFile struct {
	ID       string  `json:"id"`
	Path     string  `json:"path"`
	Bytes    int64   `json:"bytes"`
	SHA256   string  `json:"sha256"`
	Duration float64 `json:"duration_seconds"`
}

func newDemoReport(made []madeVideo, before, after simulator.Ledger, took time.Duration) demoReport {
	calls := func(name string) int { return int(after.Calls[name] - before.Calls[name]) }
	r := demoReport{
		Videos:  len(made),
		Billed:  billed(after, made),
		Calls:   demoCalls{calls("create"), calls("statuses"), calls("get")},
		Seconds: math.Round(took.Seconds()*100) / 100,
		Files:   []demoFile{},
		made:    made,
	}
	for _, m := range made {
		switch m.State {
		case "completed":
			r.Completed++
		case "failed":
			r.Failed++
		case "cancelled":
			r.Cancelled++
		}
		if m.path != "" {
			r.Files = append(r.Files, demoFile{m.ID, m.path, m.File.Bytes, m.File.SHA256, m.File.DurationSeconds})
		}
	}
	return r
}

// billed counts the renders of the given videos: heyq's keys begin with the
// video's id.
func billed(l simulator.Ledger, videos []madeVideo) int {
	ours := map[string]bool{}
	for _, v := range videos {
		ours[v.ID] = true
	}
	n := 0
	for _, r := range l.Renders {
		if id, _, _ := strings.Cut(r.IdempotencyKey, "."); ours[id] {
			n++
		}
	}
	return n
}

// verdict is an error unless each video completed and its file is good.
func (r demoReport) verdict() error {
	if len(r.Files) == r.Videos {
		return nil
	}
	err := fault.New(fault.Internal, "%d of %d videos have no good file", r.Videos-len(r.Files), r.Videos).
		WithHint("heyq.log in the demo's folder says what happened")
	for _, m := range r.made {
		if m.wrong != "" {
			err.Fields = append(err.Fields, fault.Field{Name: m.ID, Message: m.wrong})
		}
	}
	return err
}

func (p *program) showDemo(r demoReport) {
	p.screen.Println()
	p.screen.TableThatFits(r.tables())
	mark := screen.Good("✓")
	if len(r.Files) < r.Videos {
		mark = screen.Bad("✗")
	}
	p.screen.Printf("\n%s %d of %d videos completed and verified in %.1f s\n", mark, len(r.Files), r.Videos, r.Seconds)
	p.screen.Println(screen.Dim(fmt.Sprintf("  HeyGen would have billed %d renders; it got %d create, %d status and %d get calls",
		r.Billed, r.Calls.Create, r.Calls.Statuses, r.Calls.Get)))
	if len(r.Files) > 0 {
		p.screen.Println(screen.Dim("  watch one: " + r.Files[0].Path))
	}
}

// tables are the same table for ever narrower screens: with whole paths, with
// what differs in them, and without. The last one is for any screen.
func (r demoReport) tables() []screen.Table {
	whole := screen.Table{
		Headings: []string{"video", "person", "state", "queue\t", "submit\t", "render\t", "fetch\t", "size\t", "file"},
		Framed:   true,
	}
	short, bare := whole, whole
	bare.Headings = whole.Headings[:8]
	for _, m := range r.made {
		lasted := stages(m.Timeline)
		size, path, end := "", "", ""
		if m.File != nil {
			size = screen.Bytes(m.File.Bytes)
		}
		if m.path != "" {
			path, end = screen.Link(m.path, m.path), screen.Link(shortPath(m.path), m.path)
		}
		row := []string{
			"…" + m.ID[max(0, len(m.ID)-8):], m.Metadata["person"], screen.State(m.State),
			lasted["queued"], lasted["submitting"], lasted["rendering"], lasted["downloading"], size,
		}
		bare.Rows = append(bare.Rows, row)
		short.Rows = append(short.Rows, append(row[:8:8], end))
		whole.Rows = append(whole.Rows, append(row[:8:8], path))
	}
	return []screen.Table{whole, short, bare}
}

// stages says how long a video was in each state; a state that goes on is left
// out.
func stages(timeline []wire.Event) map[string]string {
	total := map[store.State]float64{}
	for i := 1; i < len(timeline); i++ {
		total[timeline[i-1].State] += since(timeline[i-1].At, timeline[i].At)
	}
	shown := map[string]string{}
	for state, n := range total {
		shown[string(state)] = seconds(n)
	}
	return shown
}

// shortPath returns the part of a path in which the demo's files differ.
func shortPath(path string) string {
	run := filepath.Base(filepath.Dir(path))
	return filepath.Join("…", run, filepath.Base(path))
}
