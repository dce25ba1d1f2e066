package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/wire"
)

func (p *program) videosGet() *cobra.Command {
	return p.oneVideo(&cobra.Command{
		Use:   "get ID",
		Short: "Show one video and what became of it when",
	}, (*client.Videos).Get, p.showVideo)
}

func (p *program) showVideo(v client.Video) {
	pairs := [][2]string{
		{"id", screen.Bold(v.ID)},
		{"title", v.Title},
		{"state", screen.State(v.State)},
		{"HeyGen id", orZero(v.HeyGenID)},
	}
	if v.LastAnswer != nil {
		pairs = append(pairs, [2]string{"not clear", *v.LastAnswer})
	}
	if v.Failure != nil {
		pairs = append(pairs, [2]string{"failure", fmt.Sprintf("%s in %s: %s", screen.Bad(v.Failure.Code), v.Failure.Step, v.Failure.Message)})
	}
	if v.Priority != 0 {
		pairs = append(pairs, [2]string{"priority", fmt.Sprint(v.Priority)})
	}
	if v.NotBefore != nil {
		pairs = append(pairs, [2]string{"not before", clock(*v.NotBefore)})
	}
	for _, key := range slices.Sorted(maps.Keys(v.Metadata)) {
		pairs = append(pairs, [2]string{"metadata " + key, v.Metadata[key]})
	}
	if v.NotifyURL != nil {
		pairs = append(pairs, [2]string{"tells", *v.NotifyURL})
	}
	if f := v.File; f != nil {
		pairs = append(pairs,
			[2]string{"file", fmt.Sprintf("%s, %s, %d×%d", screen.Bytes(f.Bytes), seconds(f.DurationSeconds), f.Width, f.Height)},
			[2]string{"SHA-256", f.SHA256})
	}
	if v.FilesRemovedAt != nil {
		pairs = append(pairs, [2]string{"files", "removed " + clock(*v.FilesRemovedAt)})
	}
	p.screen.Pairs(pairs...)
	p.showTimeline(v.Timeline)
}

// showTimeline writes when each state began and how long it lasted.
func (p *program) showTimeline(timeline []wire.Event) {
	if len(timeline) == 0 {
		return
	}
	t := screen.Table{Headings: []string{"state", "since", "for\t"}}
	for i, e := range timeline {
		lasted := ""
		if i+1 < len(timeline) {
			lasted = seconds(since(e.At, timeline[i+1].At))
		}
		t.Rows = append(t.Rows, []string{screen.State(e.State), clock(e.At), lasted})
	}
	p.screen.Println()
	p.screen.Table(t)
}
