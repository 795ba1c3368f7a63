package benchmarks

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit in which Linux counts processor time, on all systems that Go has.
const tick = 10 * time.Millisecond

// family returns a process and its children: nginx has workers.
func (v via) family() (pids []int) {
	if v.pid == 0 {
		return nil
	}
	pids = []int{v.pid}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", v.pid))
	for _, name := range tasks {
		text, _ := os.ReadFile(name)
		for field := range strings.FieldsSeq(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// processor returns the processor time that it has used, 0 where there is no /proc.
func (v via) processor() (used time.Duration) {
	for _, pid := range v.family() {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		_, after, _ := bytes.Cut(text, []byte(") ")) // the name may have spaces in it
		if fields := bytes.Fields(after); len(fields) > 12 {
			for _, f := range fields[11:13] { // utime and stime, proc_pid_stat(5)
				n, _ := strconv.Atoi(string(f))
				used += time.Duration(n) * tick
			}
		}
	}
	return used
}

// memory returns its resident memory in bytes, 0 where there is no /proc.
func (v via) memory() (resident int) {
	for _, pid := range v.family() {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(text)) {
			if n, ok := strings.CutPrefix(line, "VmRSS:"); ok {
				kb, _ := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(n), "kB")))
				resident += kb << 10
			}
		}
	}
	return resident
}
