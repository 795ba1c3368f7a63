package machine_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/benchmarks/study/machine"
)

func TestDescribe(t *testing.T) {
	m := machine.Describe()
	if m.OS != runtime.GOOS || m.Arch != runtime.GOARCH || m.Go != runtime.Version() || m.Cores != runtime.NumCPU() || m.GOMAXPROCS < 1 || m.Clock < 0 {
		t.Errorf("%+v", m)
	}
	if line := m.Line(); !strings.Contains(line, runtime.Version()) || strings.Contains(line, "\n") {
		t.Errorf("the line is %q", line)
	}
}

func TestWhatIsNotKnown(t *testing.T) {
	if got := (machine.Machine{OS: "plan9", Arch: "mips", Cores: 1, GOMAXPROCS: 1, Go: "go1.26"}).Line(); got != "plan9/mips, CPU unknown, 1 cores, GOMAXPROCS 1, go1.26" {
		t.Errorf("the line is %q", got)
	}
	for want, m := range map[string]machine.Machine{
		"commit unknown": {},
		"0123456789":     {Commit: "0123456789abcdef"},
		"0123456789+":    {Commit: "0123456789abcdef", Modified: true},
		"012+":           {Commit: "012", Modified: true},
		"v1.2.3-rc.1":    {Commit: "v1.2.3-rc.1"},
	} {
		if got := m.Version(); got != want {
			t.Errorf("%+v is %q; want %q", m, got, want)
		}
	}
}
