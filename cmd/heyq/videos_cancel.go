package main

import (
	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/remote"
)

func (p *program) videosCancel() *cobra.Command {
	return p.oneVideo(&cobra.Command{
		Use:   "cancel ID",
		Short: "End a video, and say what may be billed",
	}, (*remote.Client).Cancel, p.showChange)
}
