// Package build says which heyq this is: the version that a person reads, and
// what it was made of.
//
// Go writes all of it into a binary that is built in a repository. A build that
// sees none, such as a container's, is told by the linker:
//
//	go build -ldflags "-X heyq/internal/build.version=v1.2.3 -X heyq/internal/build.commit=… -X heyq/internal/build.time=…"
//
// The package knows nothing else of heyq.
package build

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"heyq/internal/logkey"
)

// What the linker may set.
var (
	version string // such as v1.2.3, or what git describe says
	commit  string // in full
	time    string // of the commit, as RFC 3339 has it
)

// Info says what a binary was made of. A text is empty if neither Go nor the
// linker's flags say it.
type Info struct {
	Version  string // a release, or what the last one became by later commits
	Commit   string
	Time     string // when the commit was made, as RFC 3339 has it
	Modified bool   // there were changes that are in no commit
	Go       string
	Platform string
}

// Read returns what this binary was made of. Version is never empty.
var Read = sync.OnceValue(func() Info {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return from(info, Info{Version: version, Commit: commit, Time: time})
})

// from joins what Go wrote into the binary with what the linker was told, which
// wins.
func from(binary *debug.BuildInfo, told Info) Info {
	settings := map[string]string{}
	for _, s := range binary.Settings {
		settings[s.Key] = s.Value
	}
	v := cmp.Or(told.Version, binary.Main.Version, "(devel)")
	return Info{
		Version:  v,
		Commit:   cmp.Or(told.Commit, settings["vcs.revision"]),
		Time:     cmp.Or(told.Time, settings["vcs.time"]),
		Modified: settings["vcs.modified"] == "true" || strings.HasSuffix(v, "dirty"), // as git describe says it
		Go:       runtime.Version(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
}

// MarshalZerologObject writes i into a log line.
func (i Info) MarshalZerologObject(e *zerolog.Event) {
	e.Str(logkey.Version, i.Version).Str(logkey.Commit, i.Commit).Str(logkey.BuiltFrom, i.Time).
		Bool(logkey.Modified, i.Modified).Str(logkey.Go, i.Go).Str(logkey.Platform, i.Platform)
}
