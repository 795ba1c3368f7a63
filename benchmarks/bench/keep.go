package bench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const suffix = ".incomplete"

// A keeper writes results to a file of its own, whose name ends in .incomplete until all
// are there. What the results are meant for is not touched before.
type keeper struct {
	file     *os.File
	target   string // "" for a temporary file
	measured bool
}

// keep begins a file of results beside target, or in the temporary folder if that is "".
// A target with something in it is refused.
func keep(target, temporary string) (*keeper, error) {
	if err := vacant(target); err != nil {
		return nil, usageError{err}
	}
	dir, name := temporary, "advoware-benchmarks"
	if target != "" {
		dir, name = filepath.Dir(target), filepath.Base(target)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, usageError{err}
		}
	}
	file, err := os.CreateTemp(dir, name+".*"+suffix)
	if err != nil {
		return nil, usageError{fmt.Errorf("the results cannot be kept: %w", err)}
	}
	return &keeper{file: file, target: target}, nil
}

// vacant returns an error if there are results in a file.
func vacant(target string) error {
	if target == "" {
		return nil
	}
	switch stat, err := os.Stat(target); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case stat.IsDir() || stat.Size() > 0:
		return fmt.Errorf("%s is there already, and is not overwritten: give another file", target)
	}
	return nil
}

// line writes a whole line at once, so that a process that is killed leaves none cut off.
func (k *keeper) line(text string) error {
	k.measured = k.measured || strings.HasPrefix(text, "Benchmark")
	_, err := k.file.WriteString(text + "\n")
	return err
}

// finish gives the file its name and returns that. If no benchmark ran, there is no file.
func (k *keeper) finish() (name string, err error) {
	if !k.measured {
		return "", k.discard()
	}
	name = k.target
	if name == "" {
		name = strings.TrimSuffix(k.file.Name(), suffix) + ".txt"
	}
	err = errors.Join(k.file.Chmod(0o644), k.file.Close(), vacant(name))
	if err == nil {
		err = os.Rename(k.file.Name(), name)
	}
	if err != nil {
		return "", fmt.Errorf("the results are in %s: %w", k.file.Name(), err)
	}
	return name, nil
}

// abandon marks the file as incomplete, says why in it, and returns its name, or "" if
// no benchmark ran.
func (k *keeper) abandon(why string) (name string) {
	if !k.measured {
		_ = k.discard()
		return ""
	}
	_ = k.line("# incomplete: " + why)
	_ = k.file.Close()
	return k.file.Name()
}

func (k *keeper) discard() error {
	return errors.Join(k.file.Close(), os.Remove(k.file.Name()))
}
