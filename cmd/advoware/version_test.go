package main_test

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	text := run(t, nil, "version")
	text.wantQuiet(t)
	var info struct {
		Version, Commit, Time, Go, OS, Arch *string
		Modified                            *bool
		Dependencies                        []struct{ Path, Version, Sum string }
	}
	got := run(t, nil, "version", "--json")
	got.wantQuiet(t)
	if err := json.Unmarshal([]byte(got.out), &info); err != nil {
		t.Fatal(err)
	}
	if info.Version == nil || info.Commit == nil || info.Time == nil || info.Modified == nil || *info.Go != runtime.Version() || *info.OS != runtime.GOOS || *info.Arch != runtime.GOARCH {
		t.Fatalf("%s", got.out)
	}
	first, rest, _ := strings.Cut(text.out, "\n")
	if want := strings.Join([]string{"advoware", *info.Version, *info.Go, *info.OS + "/" + *info.Arch}, " "); first != want {
		t.Errorf("%q, want %q", first, want)
	}
	if *info.Commit != "" && !strings.Contains(rest, *info.Commit) {
		t.Errorf("no %s in %s", *info.Commit, text.out)
	}
	found := false
	for _, m := range info.Dependencies {
		found = found || m.Path == "github.com/alecthomas/kong" && strings.HasPrefix(m.Sum, "h1:")
		if !strings.Contains(rest, "with "+m.Path+" "+m.Version+"\n") {
			t.Errorf("no %s in %s", m.Path, text.out)
		}
	}
	if !found {
		t.Errorf("kong is missing in %s", got.out)
	}
}
