// Package machine says what a study ran on, without which its figures mean nothing.
//
// [Describe] reads what the machine says of itself and measures what a look at the
// clock costs. It is safe for concurrent use. See ARCHITECTURE.md for what is measured
// here.
package machine

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/advoware-go/advoware/benchmarks/study/redisserver"
)

// Machine is what a study ran on.
type Machine struct {
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	CPU        string `json:"cpu"` // "" if the system does not say
	Cores      int    `json:"cores"`
	GOMAXPROCS int    `json:"gomaxprocs"`
	Go         string `json:"go"`
	Redis      string `json:"redis,omitempty"` // version of redis-server, "" if there is none

	// Commit is the version of the library: a commit, or a version of its module; "" if
	// it is not known. Modified says that there are changes that it does not have.
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"`

	// Clock is what one measurement of a call that does nothing shows: less than that
	// cannot be measured.
	Clock time.Duration `json:"clock_ns"`
}

// Describe describes this machine and this program.
func Describe() Machine {
	m := Machine{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: cpu(), Cores: runtime.NumCPU(),
		GOMAXPROCS: runtime.GOMAXPROCS(0), Go: runtime.Version(), Redis: redisserver.Version(), Clock: clock(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		m.Commit, m.Modified = Library(info)
	}
	return m
}

// Line is the machine in one line, as benchmarks print it.
func (m Machine) Line() string {
	line := fmt.Sprintf("%s/%s, %s, %d cores, GOMAXPROCS %d, %s", m.OS, m.Arch, cmp.Or(m.CPU, "CPU unknown"), m.Cores, m.GOMAXPROCS, m.Go)
	if m.Redis != "" {
		line += ", Redis " + m.Redis
	}
	return line
}

// Version is the commit in short, with a plus if there are changes that it does not
// have.
func (m Machine) Version() string {
	if m.Commit == "" {
		return "commit unknown"
	}
	short := m.Commit
	if strings.Trim(short, "0123456789abcdef") == "" { // no version of a module
		short = short[:min(10, len(short))]
	}
	if m.Modified {
		short += "+"
	}
	return short
}

// clock returns the median of what it measures when nothing is done.
func clock() time.Duration {
	const rounds = 1001
	counts := make(map[time.Duration]int)
	for range rounds {
		began := time.Now()
		counts[time.Since(began)]++
	}
	var seen int
	for d := time.Duration(0); ; d++ {
		if seen += counts[d]; seen > rounds/2 {
			return d
		}
	}
}

// cpu returns the name of the processor.
func cpu() string {
	switch runtime.GOOS {
	case "linux":
		f, err := os.Open("/proc/cpuinfo")
		if err != nil {
			return ""
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	case "darwin":
		out, _ := exec.Command("sysctl", "-n", "machdep.cpu.brand_string").Output()
		return strings.TrimSpace(string(out))
	}
	return ""
}
