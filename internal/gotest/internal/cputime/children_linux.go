package cputime

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tick is the unit of /proc/PID/stat; USER_HZ is 100 on all systems that Go runs on.
const tick = time.Second / 100

// process is a line of /proc/PID/stat.
type process struct {
	parent int
	took   time.Duration // with its children that have ended
}

// children returns the processor time of each child of a process and of all that descend from
// it, by the folder in which the child runs.
func children(pid int) map[string]time.Duration {
	all := processes()
	took := make(map[int]time.Duration)
	for id, p := range all {
		child := id
		for p.parent != pid && p.parent > 1 {
			child, p = p.parent, all[p.parent]
		}
		if p.parent == pid {
			took[child] += all[id].took
		}
	}
	dirs := make(map[string]time.Duration)
	for child, d := range took {
		if dir, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(child), "cwd")); err == nil {
			dirs[dir] += d
		}
	}
	return dirs
}

func processes() map[int]process {
	all := make(map[int]process)
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		if p, ok := parse(text); ok {
			all[pid] = p
		}
	}
	return all
}

// parse reads "PID (name, whatever it is) S PARENT …"; see proc_pid_stat(5).
func parse(stat []byte) (p process, ok bool) {
	_, rest, ok := bytes.Cut(stat[max(bytes.LastIndexByte(stat, ')'), 0):], []byte(" "))
	fields := bytes.Fields(rest) // from field 3, the state
	if !ok || len(fields) < 15 {
		return p, false
	}
	p.parent, _ = strconv.Atoi(string(fields[1]))
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return p, false
		}
		p.took += time.Duration(n) * tick
	}
	return p, true
}
