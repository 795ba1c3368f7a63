package study_test

import (
	"bytes"
	"errors"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study"
	"github.com/advoware-go/advoware/benchmarks/study/load"
	"github.com/advoware-go/advoware/benchmarks/study/report"
	"github.com/advoware-go/advoware/store"
)

// Where nothing can be written nothing is played: a store that is opened says so.
func TestFolderIsTriedBeforeTheStudy(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	opened := false
	watched := mapStore()
	watched.Open = func(study.Site) (store.Store, func() error, error) {
		opened = true
		return new(store.Map), nil, nil
	}
	var out, errs bytes.Buffer
	args := append(slices.Clone(short), "--scenario", "steady", "--store", "map", "--out", filepath.Join(file, "sub"))
	if status := study.Run(t.Context(), args, strings.NewReader(""), &out, &errs, watched); status != 2 || opened {
		t.Errorf("status %d, played %t: %s", status, opened, &errs)
	}
}

// A folder that becomes unfit while the study is played costs nobody the results.
func TestFolderThatIsLostMeanwhile(t *testing.T) {
	dir, spare := filepath.Join(t.TempDir(), "out"), t.TempDir()
	t.Setenv("TMPDIR", spare)
	vandal := mapStore()
	vandal.Open = func(study.Site) (store.Store, func() error, error) {
		if err := os.RemoveAll(dir); err != nil {
			return nil, nil, err
		}
		return new(store.Map), nil, os.WriteFile(dir, nil, 0o600)
	}
	var out, errs bytes.Buffer
	args := append(slices.Clone(short), "--scenario", "steady", "--store", "map", "--out", dir)
	status := study.Run(t.Context(), args, strings.NewReader(""), &out, &errs, vandal)
	found, err := filepath.Glob(filepath.Join(spare, "study-*", "study.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("status %d, the results are in %v: %s", status, found, &errs)
	}
	where := filepath.Dir(found[0])
	if status != 1 || !strings.Contains(errs.String(), "the report is in "+where) || !strings.Contains(out.String(), "written:\n  "+where) {
		t.Errorf("status %d: %s%s", status, &errs, &out)
	}
	if s := readStudy(t, where); len(s.Runs) != 1 || s.Runs[0].Done != 60 {
		t.Errorf("%+v", s.Runs)
	}
}

// A folder that was made for a study that could not be played is not left behind.
func TestNothingPlayedLeavesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	broken := mapStore()
	broken.Open = func(study.Site) (store.Store, func() error, error) { return nil, nil, os.ErrPermission }
	var out, errs bytes.Buffer
	args := append(slices.Clone(short), "--scenario", "steady", "--store", "map", "--out", dir)
	if status := study.Run(t.Context(), args, strings.NewReader(""), &out, &errs, broken); status != 1 {
		t.Errorf("status %d: %s", status, &errs)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// Figures of a load that fell behind come with a warning on stderr.
func TestLoadThatFellBehindIsWarnedOf(t *testing.T) {
	dir := t.TempDir()
	_, errs, status := command(t.Context(), append(slices.Clone(short), "--scenario", "steady", "--store", "map", "--out", dir)...)
	if status != 0 {
		t.Fatal(errs)
	}
	s, h := readStudy(t, dir), load.NewHistogram()
	for range s.Runs[0].Done {
		h.Record(time.Second)
	}
	s.Runs[0].Lag = report.Spread{Count: h.Count(), Max: h.Max(), Histogram: h}
	file := filepath.Join(dir, "study.json")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := s.WriteJSON(f); err != nil {
		t.Fatal(err)
	}
	if _, errs, status := command(t.Context(), "render", file); status != 0 || !strings.HasPrefix(errs, "study: warning: steady with map: the load fell behind: 60 of 60 calls") {
		t.Errorf("status %d: %s", status, errs)
	}
}

// Go -C runs the command in another folder than that of whoever reads what it says.
func TestWhatIsWrittenIsNamedInFull(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	out, errs, status := command(t.Context(), append(slices.Clone(short), "--scenario", "steady", "--store", "map", "--out", "new", "--format", "json")...)
	if want := "written:\n  " + filepath.Join(dir, "new", "study.json") + "\n"; status != 0 || !strings.HasSuffix(out, want) {
		t.Errorf("status %d: %s%s\nwant %s", status, out, errs, want)
	}
	out, errs, status = command(t.Context(), "render", filepath.Join("new", "study.json"))
	if want := "\n  " + filepath.Join(dir, "new", "report.html") + "\n"; status != 0 || !strings.Contains(out, want) {
		t.Errorf("status %d: %s%s\nwant %s", status, out, errs, want)
	}
}

// A name that ends in a separator is a folder's, whatever it looks like.
func TestFolderThatIsNamedLikeAFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "results.csv") + string(filepath.Separator)
	_, errs, status := command(t.Context(), append(slices.Clone(short), "--scenario", "steady", "--store", "map", "--out", dir, "--format", "csv")...)
	if got := files(t, dir); status != 0 || len(got) != 2 {
		t.Errorf("status %d, written %v: %s", status, got, errs)
	}
}

// A JSON that no report can be made from is refused, and nothing is written.
func TestRenderOfAJSONWithoutHistograms(t *testing.T) {
	dir := t.TempDir()
	if _, errs, status := command(t.Context(), append(slices.Clone(short), "--scenario", "steady", "--store", "map", "--out", dir, "--format", "json")...); status != 0 {
		t.Fatal(errs)
	}
	file := filepath.Join(dir, "study.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, regexp.MustCompile(`"histogram": "[^"]*"`).ReplaceAll(text, []byte(`"histogram": null`)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, status := command(t.Context(), "render", file)
	if want := "study: " + file + ": report: run 1 (steady with map): latency: there is no histogram\n"; status != 1 || errs != want || out != "" {
		t.Errorf("status %d: %s%s\nwant %s", status, errs, out, want)
	}
	if got := files(t, dir); !slices.Equal(got, []string{"study.json"}) {
		t.Errorf("left behind: %v", got)
	}
}

// An error in the middle costs nobody the runs before it, and the report says what is
// missing and why.
func TestErrorInARunIsInTheReport(t *testing.T) {
	dir := t.TempDir()
	opened := 0
	breaking := mapStore()
	breaking.Open = func(study.Site) (store.Store, func() error, error) {
		if opened++; opened > 1 {
			return nil, nil, errors.Join(errors.New("the second is broken"), errors.New("for <good>"))
		}
		return new(store.Map), nil, nil
	}
	var out, errs bytes.Buffer
	args := append(slices.Clone(short), "--scenario", "steady", "--scenario", "expiry", "--scenario", "storm", "--store", "map", "--out", dir)
	status := study.Run(t.Context(), args, strings.NewReader(""), &out, &errs, breaking)
	const broken = "subject: store map: the second is broken; for <good>"
	if status != 1 || !strings.HasSuffix(errs.String(), "study: expiry with map: stage: "+broken+"\n") {
		t.Errorf("status %d: %s", status, &errs)
	}
	s := readStudy(t, dir)
	want := []report.Skip{
		{Scenario: "expiry", Store: "map", Why: "it failed: stage: " + broken},
		{Scenario: "storm", Store: "map", Why: "the study was broken off"},
	}
	if !s.Partial || len(s.Runs) != 1 || s.Runs[0].Partial || !slices.Equal(s.Skipped, want) || s.Error != "expiry with map: stage: "+broken {
		t.Errorf("error %q, skipped %v, %d runs", s.Error, s.Skipped, len(s.Runs))
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string]string{"page": html.UnescapeString(string(page)), "table": out.String()} {
		if strings.Count(text, broken) < 2 || !strings.Contains(text, "the study was broken off") {
			t.Errorf("the %s does not say what is missing and why", form)
		}
	}
}
