package report_test

import (
	"bufio"
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// hgrmLine is what plotters read of a line: four numbers with spaces, and no tab, between
// them, and a space before them.
type hgrmLine struct{ value, share, total, inverse float64 }

func hgrmLines(t *testing.T, text string) (lines []hgrmLine) {
	t.Helper()
	for in := bufio.NewScanner(strings.NewReader(text)); in.Scan(); {
		line := in.Text()
		fields := strings.Split(strings.Join(strings.FieldsFunc(line, func(r rune) bool { return r == ' ' }), " "), " ")
		if len(fields) != 4 || !strings.HasPrefix(line, " ") {
			continue
		}
		var n [4]float64
		ok := true
		for i, f := range fields {
			v, err := strconv.ParseFloat(f, 64)
			n[i], ok = v, ok && err == nil
		}
		if ok {
			lines = append(lines, hgrmLine{n[0], n[1], n[2], n[3]})
		}
	}
	return lines
}

// The percentiles of each run come back from its file as those of its histogram, with the
// count and the longest in the lines below them.
func TestHgrmIsReadBack(t *testing.T) {
	s := example(t)
	files := s.HgrmFiles()
	if len(files) == 0 {
		t.Fatal("there are no files")
	}
	at := 0
	for _, r := range s.Runs {
		if r.Latency.Count == 0 {
			continue
		}
		f := files[at]
		at++
		if f.Name != r.Scenario+"-"+r.Store+".hgrm" {
			t.Errorf("the file of %s with %s is %s", r.Scenario, r.Store, f.Name)
		}
		var text bytes.Buffer
		if err := f.Write(&text); err != nil {
			t.Fatal(err)
		}
		lines := hgrmLines(t, text.String())
		if len(lines) < 5 {
			t.Fatalf("%s: %d lines can be read of\n%s", f.Name, len(lines), &text)
		}
		h := r.Latency.Histogram
		for i, l := range lines {
			of := l.total / float64(r.Latency.Count) // so many were not longer: at least the share
			want := float64(h.At(of)) / float64(time.Microsecond)
			if math.Abs(l.value-want) > want/500+.001 || of < l.share-1e-6 {
				t.Errorf("%s: %+v; the histogram has %v at %v", f.Name, l, want, of)
			}
			if i > 0 && (l.value < lines[i-1].value || l.share < lines[i-1].share || l.total < lines[i-1].total) {
				t.Errorf("%s: %+v after %+v", f.Name, l, lines[i-1])
			}
		}
		last := lines[len(lines)-1]
		if longest := float64(r.Latency.Max) / 1e3; last.total != float64(r.Latency.Count) || math.Abs(last.value-longest) > longest/1000+.001 {
			t.Errorf("%s ends with %+v; there are %d calls, the longest of %v µs", f.Name, last, r.Latency.Count, longest)
		}
		for _, want := range []string{"#[Mean    = ", "StdDeviation   = ", "#[Max     = ", "Total count    = "} {
			if !strings.Contains(text.String(), want) {
				t.Errorf("%s has no %q", f.Name, want)
			}
		}
	}
	if at != len(files) {
		t.Errorf("%d files for %d runs", len(files), at)
	}
}

func TestHgrmNamesAreFileNames(t *testing.T) {
	s := example(t)
	s.Runs = append(s.Runs[:1:1], s.Runs[0], s.Runs[0])
	s.Runs[0].Store, s.Runs[1].Store, s.Runs[2].Store = "../a b", `..\A:b`, "ü"
	seen := make(map[string]bool)
	for _, f := range s.HgrmFiles() {
		if strings.ContainsAny(f.Name, `/\: `) || seen[strings.ToLower(f.Name)] || !filepath.IsLocal(f.Name) {
			t.Errorf("%q is no name for a file, or is there already", f.Name)
		}
		seen[strings.ToLower(f.Name)] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d files for 3 runs", len(seen))
	}
}

// A plotter that people use makes a picture of them, where it is installed.
func TestHgrmIsPlotted(t *testing.T) {
	plotter, err := exec.LookPath("hdr-plot")
	if err != nil {
		if os.Getenv("ADVOWARE_REQUIRE_HDR_PLOT") != "" {
			t.Fatal(err)
		}
		t.Skip("there is no hdr-plot on PATH: pip install hdr-plot; ADVOWARE_REQUIRE_HDR_PLOT=1 makes this a failure")
	}
	dir := t.TempDir()
	png := filepath.Join(dir, "latency.png")
	args := []string{"--units", "us", "--output", png}
	for _, f := range example(t).HgrmFiles() {
		var text bytes.Buffer
		if err := f.Write(&text); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, f.Name)
		if err := os.WriteFile(path, text.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	out, err := exec.CommandContext(t.Context(), plotter, args...).CombinedOutput()
	if picture, readErr := os.ReadFile(png); err != nil || readErr != nil || !bytes.HasPrefix(picture, []byte("\x89PNG")) {
		t.Errorf("%v, %v\n%s", err, readErr, out)
	}
}
