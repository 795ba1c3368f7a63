package build_test

import (
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/cmd/advoware/internal/build"
)

func TestFrom(t *testing.T) {
	got := build.From(&debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Version: "v1.2.3"},
		Deps: []*debug.Module{
			{Path: "example.com/z", Version: "v2.0.0", Sum: "h1:z="},
			{Path: "example.com/a", Version: "v1.0.0", Replace: &debug.Module{Path: "../a"}},
		},
		Settings: []debug.BuildSetting{
			{Key: "GOOS", Value: "plan9"}, {Key: "GOARCH", Value: "arm"}, {Key: "vcs.revision", Value: "abc"},
			{Key: "vcs.time", Value: "2026-02-10T08:00:00Z"}, {Key: "vcs.modified", Value: "true"},
		},
	})
	want := build.Info{
		Version: "v1.2.3", Commit: "abc", Time: "2026-02-10T08:00:00Z", Modified: true, Go: "go1.26.8", OS: "plan9", Arch: "arm",
		Dependencies: []build.Module{{Path: "../a"}, {Path: "example.com/z", Version: "v2.0.0", Sum: "h1:z="}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	const text = "advoware v1.2.3 go1.26.8 plan9/arm\ncommit abc of 2026-02-10T08:00:00Z, with changes that are not in it\nwith ../a \nwith example.com/z v2.0.0\n"
	if got.String() != text {
		t.Errorf("%q", got)
	}
}

func TestReadPrefersTheRelease(t *testing.T) {
	if got := build.Read("v9.9.9"); got.Version != "v9.9.9" || got.Go == "" || got.OS == "" || got.Arch == "" {
		t.Errorf("%+v", got)
	}
	if got := build.Read(""); got.Version == "" {
		t.Errorf("%+v", got)
	}
}
