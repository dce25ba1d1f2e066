package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) version() *cobra.Command {
	c := &cobra.Command{Use: "version", Short: "Say which heyq this is", Args: wantsNone}
	asJSON := jsonFlag(c)
	c.RunE = func(*cobra.Command, []string) error {
		if *asJSON {
			return p.json(map[string]string{"version": buildVersion(), "go": runtime.Version()})
		}
		p.screen.Printf("heyq %s (%s, %s/%s)\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return nil
	}
	return c
}

// buildVersion is what the Go toolchain wrote into the binary: a release's
// version, or one made of the commit's time and hash.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
