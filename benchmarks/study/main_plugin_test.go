package study_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// What the documentation says of a store of one's own works: its program, with the
// module that its commands make, is the command with one more store. Its figures are not
// said to be of the program's own commit.
func TestStoreOfOnesOwn(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: a program is built here")
	}
	text, err := os.ReadFile("../docs/study.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## A store of your own")
	program, commands := fenced(t, section, "go"), fenced(t, section, "sh")
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(line string) string {
		t.Helper()
		words := strings.Fields(line)
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "../advoware", checkout)
		}
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", goFlags())
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	ran := 0
	for line := range strings.Lines(strings.ReplaceAll(commands, "\\\n", "")) {
		if strings.HasPrefix(line, "go mod ") {
			run(line)
			ran++
		}
	}
	if ran < 3 {
		t.Fatalf("the documentation has %d commands that make a module:\n%s", ran, commands)
	}
	own := "unknown"
	if _, err := exec.LookPath("git"); err == nil {
		run("git init -q")
		run("git add .")
		run("git -c user.name=t -c user.email=t@example.com -c commit.gpgsign=false commit -q -m mine")
		own = run("git rev-parse HEAD")
	}
	run("go build -buildvcs=auto -o study .")
	run("./study --store mine --rate 50 --duration 600ms --token-latency 50ms --processes 2 --tenants 10 --out out")
	s := readStudy(t, filepath.Join(dir, "out"))
	var played, skipped []string
	for _, r := range s.Runs {
		played = append(played, r.Scenario)
		// A call that is under way when the office moves may fail.
		if r.Store != "mine" || r.Done != 30 || r.Failed > 0 && r.Scenario != "discovery" {
			t.Errorf("%s with %s: %d calls, %d failed, %v", r.Scenario, r.Store, r.Done, r.Failed, r.Problems)
		}
	}
	for _, skip := range s.Skipped {
		skipped = append(skipped, skip.Scenario+": "+skip.Why)
	}
	if want := "steady cold expiry storm large tenants discovery fleet"; strings.Join(played, " ") != want {
		t.Errorf("played %v, want %s", played, want)
	}
	if want := []string{"outage: the store does not use Redis", "slow: the store does not use Redis"}; !slices.Equal(skipped, want) {
		t.Errorf("skipped %q", skipped)
	}
	if !strings.Contains(run("./study list"), "mine") {
		t.Error("the list has no mine")
	}
	if s.Machine.Commit == own {
		t.Errorf("the report is of commit %s, which is not the library's", own)
	}
}

// goFlags make a build one with the race detector if this test is: then what the program is
// made of is compiled already.
func goFlags() string {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "-race" && s.Value == "true" {
			return "GOFLAGS=" + os.Getenv("GOFLAGS") + " -race"
		}
	}
	return "GOFLAGS=" + os.Getenv("GOFLAGS")
}

// fenced returns the first block of a language.
func fenced(t *testing.T, text, language string) string {
	t.Helper()
	m := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("the documentation has no block of %s", language)
	}
	return m[1]
}
