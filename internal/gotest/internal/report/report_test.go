package report_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/gotest/internal/report"
)

// A failure is told when its test ends, whole and without what passed, and again at the end.
func TestFailureIsToldAtOnceAndAgain(t *testing.T) {
	var out strings.Builder
	r := report.New(&out, nil)
	read(t, r, `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"run","Package":"p","Test":"TestA/good"}
{"Action":"output","Package":"p","Test":"TestA/good","Output":"    a_test.go:5: unwanted\n"}
{"Action":"pass","Package":"p","Test":"TestA/good"}
{"Action":"run","Package":"p","Test":"TestA/bad"}
{"Action":"output","Package":"p","Test":"TestA/bad","Output":"    a_test.go:7: wanted\n"}
{"Action":"output","Package":"p","Test":"TestA/bad","Output":"    --- FAIL: TestA/bad (0.00s)\n"}
{"Action":"fail","Package":"p","Test":"TestA/bad"}
{"Action":"output","Package":"p","Test":"TestA","Output":"--- FAIL: TestA (0.00s)\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
`)
	// The run was cut here: the package did not end, which is a failure of its own.
	got := out.String()
	first := strings.Index(got, "a_test.go:7: wanted")
	if first < 0 || strings.Contains(got, "unwanted") || strings.Contains(got, "=== RUN") {
		t.Errorf("told:\n%s", got)
	}
	if !strings.Contains(got, "p was ended before its tests were") {
		t.Errorf("a package that does not end is not told:\n%s", got)
	}
	r.End()
	if n := strings.Count(out.String(), "--- FAIL: TestA (0.00s)"); n != 2 || !r.Failed() {
		t.Errorf("told %d times, failed %v:\n%s", n, r.Failed(), out.String())
	}
}

// Progress names what is under way, each with its longest test that is not paused.
func TestProgressNamesWhatRuns(t *testing.T) {
	var out strings.Builder
	now := time.Unix(0, 0)
	r := report.New(&out, func() time.Time { now = now.Add(time.Second); return now })
	r.Expect(3)
	r.Progress()
	if got := out.String(); !strings.Contains(got, "0 of 3 packages done") || !strings.Contains(got, "compiling") {
		t.Errorf("at the beginning: %s", got)
	}
	from, to := newPipe(t, r)
	to(`{"Action":"start","Package":"github.com/advoware-go/advoware/client/token"}
{"Action":"run","Package":"github.com/advoware-go/advoware/client/token","Test":"TestWaits"}
{"Action":"pause","Package":"github.com/advoware-go/advoware/client/token","Test":"TestWaits"}
{"Action":"run","Package":"github.com/advoware-go/advoware/client/token","Test":"TestLong"}
{"Action":"run","Package":"github.com/advoware-go/advoware/client/token","Test":"TestLong/part"}
{"Action":"start","Package":"github.com/advoware-go/advoware/store"}
{"Action":"output","Package":"github.com/advoware-go/advoware/store","Output":"ok  \tstore\t1.5s\n"}
{"Action":"pass","Package":"github.com/advoware-go/advoware/store","Elapsed":1.5}
no event
`)
	out.Reset()
	r.Progress()
	if got := out.String(); !strings.Contains(got, "1 of 3 packages done") || !strings.Contains(got, "running client/token ") ||
		!strings.Contains(got, "(TestLong ") || strings.Contains(got, "TestWaits") || strings.Contains(got, "store") {
		t.Errorf("in the middle: %s", got)
	}
	from()
}

// What is no event is shown; the closing line of a package is that of go test.
func TestLinesAreKept(t *testing.T) {
	var out strings.Builder
	r := report.New(&out, nil)
	read(t, r, `plain text
{"no":"event"}
{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t1.5s\n"}
{"Action":"pass","Package":"p","Elapsed":1.5}
{"Action":"start","Package":"none"}
{"Action":"output","Package":"none","Output":"?   \tnone\t[no test files]\n"}
{"Action":"skip","Package":"none"}
the end without a line end`)
	r.End()
	want := "plain text\n{\"no\":\"event\"}\nok  \tp\t1.5s\nthe end without a line endLongest: p 2s\nDONE 0 tests in 1 packages, 0 skipped, 0 failed, in 0s\n"
	if got := out.String(); got != want || r.Failed() {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The ten packages that took longest are named at the end, with the processor time of those of
// whom it is known. When a test begins, that is told, and not before.
func TestLongestAndBegun(t *testing.T) {
	var in, out strings.Builder
	in.WriteString(`{"Action":"start","Package":"none"}` + "\n" + `{"Action":"skip","Package":"none"}` + "\n")
	for i := range 12 {
		name := fmt.Sprintf("p%d", i)
		fmt.Fprintf(&in, `{"Action":"start","Package":%q}`+"\n"+`{"Action":"run","Package":%[1]q,"Test":"T"}`+"\n"+
			`{"Action":"pass","Package":%[1]q,"Test":"T"}`+"\n"+`{"Action":"pass","Package":%[1]q,"Elapsed":%[2]d}`+"\n", name, i)
	}
	r := report.New(&out, nil)
	begun := 0
	if err := r.Read(strings.NewReader(in.String()[:strings.Index(in.String(), "p0")]), report.Source{Begun: func() { begun++ }}); err != nil || begun != 0 {
		t.Fatalf("%v, begun %d times before any test", err, begun)
	}
	if err := r.Read(strings.NewReader(in.String()), report.Source{Begun: func() { begun++ }, CPU: func(pkg string) time.Duration {
		if pkg == "p11" {
			return 4 * time.Second
		}
		return 0
	}}); err != nil || begun != 12 {
		t.Fatalf("%v, begun %d times", err, begun)
	}
	r.End()
	if got := out.String(); !strings.Contains(got, "Longest: p11 11s (CPU 4s), p10 10s, p9 9s, p8 8s, p7 7s, p6 6s, p5 5s, p4 4s, p3 3s, p2 2s\n") {
		t.Error(got)
	}
}

// A test that prints without end does not fill the memory.
func TestOutputIsBounded(t *testing.T) {
	var in, out strings.Builder
	in.WriteString(`{"Action":"run","Package":"p","Test":"T"}` + "\n")
	for range 4 << 10 {
		in.WriteString(`{"Action":"output","Package":"p","Test":"T","Output":"` + strings.Repeat("x", 1<<10) + `\n"}` + "\n")
	}
	in.WriteString(`{"Action":"fail","Package":"p","Test":"T"}` + "\n" + `{"Action":"fail","Package":"p"}`)
	r := report.New(&out, nil)
	read(t, r, in.String())
	if got := out.Len(); got > 3<<19 || !strings.Contains(out.String(), "left out") {
		t.Errorf("%d bytes", got)
	}
}

func read(t *testing.T, r *report.Report, text string) {
	t.Helper()
	if err := r.Read(strings.NewReader(text), report.Source{}); err != nil {
		t.Fatal(err)
	}
}

// newPipe returns a function that ends what r reads, and one that gives it more and comes
// back when all of that was taken.
func newPipe(t *testing.T, r *report.Report) (end func(), more func(string)) {
	t.Helper()
	from, to := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- r.Read(from, report.Source{}) }()
	end = func() {
		_ = to.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	return end, func(text string) {
		// The second write is read when the lines of the first one are taken, but for a
		// beginning without its end.
		_, _ = io.WriteString(to, text)
		_, _ = io.WriteString(to, " ")
	}
}
