package main

import (
	"github.com/spf13/cobra"

	"heyq/client"
)

func (p *program) videosCancel() *cobra.Command {
	return p.oneVideo(&cobra.Command{
		Use:   "cancel ID",
		Short: "End a video, and say what may be billed",
	}, (*client.Videos).Cancel, p.showChange)
}
