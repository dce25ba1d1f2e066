package main

import (
	"context"

	"github.com/spf13/cobra"

	"heyq/cmd/heyq/internal/screen"
	"heyq/internal/build"
	"heyq/wire"
)

func (p *program) version() *cobra.Command {
	c := &cobra.Command{
		Use:   "version",
		Short: "Say which heyq this is",
		Long: `Say which heyq this is: its version, the commit that it was built from and that
commit's time, whether there were changes that are in no commit, the Go that
built it, and the platform that it was built for.

With --server it says this of the heyq that answers at HEYQ_URL. Behind a load
balancer that may be another one each time.`,
		Args: wantsNone,
	}
	asJSON := jsonFlag(c)
	server := c.Flags().Bool("server", false, "ask the heyq at HEYQ_URL, and not this program")
	c.RunE = func(c *cobra.Command, _ []string) error {
		v, err := wire.Version(build.Read()), error(nil)
		if *server {
			v, err = p.serverVersion(c.Context())
		}
		if err != nil {
			return err
		}
		if *asJSON {
			return p.json(v)
		}
		p.showVersion(v)
		return nil
	}
	return c
}

func (p *program) serverVersion(ctx context.Context) (wire.Version, error) {
	client, _, err := p.client()
	if err != nil {
		return wire.Version{}, err
	}
	return client.Server.Version(ctx)
}

func (p *program) showVersion(v wire.Version) {
	commit := v.Commit
	if v.Modified {
		commit += " and changes that are in no commit"
	}
	p.screen.Printf("heyq %s\n", screen.Bold(v.Version))
	p.screen.Pairs(
		[2]string{"commit", commit},
		[2]string{"of", v.Time},
		[2]string{"go", v.Go},
		[2]string{"platform", v.Platform},
	)
}
