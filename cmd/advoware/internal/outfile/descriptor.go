package outfile

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// folders are where systems have descriptors under their numbers.
var folders = []string{"/dev/fd/", "/proc/self/fd/", fmt.Sprintf("/proc/%d/fd/", os.Getpid())}

// descriptor returns the descriptor of this process that a name stands for, if it does. It is
// written through as it is: opened by its name, a file would be written from its beginning.
func descriptor(name string) (*File, bool) {
	if runtime.GOOS == "windows" || runtime.GOOS == "plan9" {
		return nil, false
	}
	name = filepath.Clean(name)
	switch name {
	case "/dev/stdout":
		return &File{File: os.Stdout, kept: true}, true
	case "/dev/stderr":
		return &File{File: os.Stderr, kept: true}, true
	}
	for _, folder := range folders {
		digits, ok := strings.CutPrefix(name, folder)
		n, err := strconv.ParseUint(digits, 10, 31)
		switch {
		case !ok || err != nil:
			continue
		case n == 0:
			return nil, false // standard input is opened by its name, if at all
		case n == 1:
			return &File{File: os.Stdout, kept: true}, true
		case n == 2:
			return &File{File: os.Stderr, kept: true}, true
		}
		if _, err := os.Stat(name); err != nil {
			return nil, false // it is not open, as the error of the name will say
		}
		return &File{File: os.NewFile(uintptr(n), name)}, true
	}
	return nil, false
}
