package build

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	stamped := &debug.BuildInfo{
		Main: debug.Module{Version: "v0.0.0-20300102030405-3f764ef0c8ab"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "3f764ef"}, {Key: "vcs.time", Value: "2030-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "true"},
		},
	}
	for _, test := range []struct {
		name   string
		binary *debug.BuildInfo
		told   Info
		want   Info
	}{
		{"nobody said anything", &debug.BuildInfo{}, Info{}, Info{Version: "(devel)"}},
		{"built in a repository", stamped, Info{}, Info{
			Version: "v0.0.0-20300102030405-3f764ef0c8ab", Commit: "3f764ef", Time: "2030-01-02T03:04:05Z", Modified: true,
		}},
		{
			"built in a container",
			&debug.BuildInfo{Main: debug.Module{Version: "(devel)"}},
			Info{Version: "v1.2.3", Commit: "3f764ef", Time: "2030-01-02T03:04:05Z"},
			Info{Version: "v1.2.3", Commit: "3f764ef", Time: "2030-01-02T03:04:05Z"},
		},
		{"described as dirty", &debug.BuildInfo{}, Info{Version: "v1.2.3-dirty"}, Info{Version: "v1.2.3-dirty", Modified: true}},
		{"the linker wins", stamped, Info{Version: "v1.2.3"}, Info{
			Version: "v1.2.3", Commit: "3f764ef", Time: "2030-01-02T03:04:05Z", Modified: true,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want.Go, test.want.Platform = runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH
			if diff := cmp.Diff(test.want, from(test.binary, test.told)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	if i := Read(); i.Version == "" || i.Go == "" || i.Platform == "" {
		t.Errorf("got %+v", i)
	}
}
