package main

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"heyq/app"
	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/config"
	"heyq/internal/datafolder"
	"heyq/internal/fault"
)

func (p *program) videos() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "videos",
		Short: "Create videos, follow them and fetch their files",
		Long: `Create videos, follow them and fetch their files.

These commands talk to a running heyq: the one at HEYQ_URL,
http://127.0.0.1:8080 where that is not set. They show it the operator token:
HEYQ_OPERATOR_TOKEN or, to a heyq that runs on this machine with the same
HEYQ_DIR, the one that it keeps there.`,
	})
	c.AddCommand(
		p.videosCreate(), p.videosImport(), p.videosList(), p.videosGet(),
		p.videosWatch(), p.videosRetry(), p.videosResolve(), p.videosCancel(), p.videosDownload(),
		p.videosVerify(),
	)
	return c
}

// remote returns a client of the heyq at HEYQ_URL, which shows the operator
// token. The other variables do not matter to it, and so cannot be wrong.
func (p *program) client() (*client.Client, config.Config, error) {
	c, _, err := config.Load(p.environ)
	if f, ok := errors.AsType[*fault.Error](err); ok {
		f.Fields = slices.DeleteFunc(f.Fields, func(field fault.Field) bool {
			return !slices.Contains([]string{"HEYQ_URL", "HEYQ_OPERATOR_TOKEN", "HEYQ_OPERATOR_TOKEN_FILE"}, field.Name)
		})
		if len(f.Fields) > 0 {
			return nil, c, f
		}
	}
	token := c.HTTP.OperatorToken
	if !token.IsSet() && datafolder.Serves(c.Store.Dir, c.HTTP.URL) {
		token = app.KeptToken(c)
	}
	return client.New(c.HTTP.URL, token.Reveal()), c, nil
}

// oneVideo makes c ask one thing about the video whose id it is given.
func (p *program) oneVideo(c *cobra.Command, ask func(*client.Videos, context.Context, string) (client.Video, error), show func(client.Video)) *cobra.Command {
	c.Args = wants(1, 1, "one id")
	asJSON := jsonFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		client, _, err := p.client()
		if err != nil {
			return err
		}
		v, err := ask(client.Videos, c.Context(), args[0])
		if err != nil {
			return err
		}
		if *asJSON {
			return p.json(v)
		}
		show(v)
		return nil
	}
	return c
}

// showChange says what became of a video, and what it may cost.
func (p *program) showChange(v client.Video) {
	p.screen.Printf("%s %s: %s\n", screen.Good("✓"), screen.Bold(v.ID), cmp.Or(v.Message, screen.State(v.State)))
}

// orZero is what p points to; nil stands for what is not known, or not there.
func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
