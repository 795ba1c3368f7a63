package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// patient, in the environment of a command, has it run by a program with the times of
// [patience], and is not handed on. The commands themselves cannot be in virtual time.
const patient = "a patient program"

// patience are the times that a Redis has, and what the doctor looks at: by file, what stands there
// and what a patient program has in its place. On a busy machine such a time may end while all is
// well, or before a refusal is seen. What happens when they end is tested in virtual time elsewhere.
var patience = map[string]map[string]string{
	"internal/farwait/farwait.go":    {"Default = 250 * time.Millisecond": "Default = time.Minute"},
	"store/redis/dial/config.go":     {"DefaultTimeout = 5 * time.Second": "DefaultTimeout = time.Minute"},
	"store/redis/options.go":         {"sluggish = time.Second ": "sluggish = time.Hour "}, // or there is a warning
	"doctor/doctor.go":               {"within = 8 * time.Second": "within = 50 * time.Second"},
	"doctor/redis.go":                {"fetchWait = 2500 * time.Millisecond": "fetchWait = time.Minute"},
	"doctor/internal/link/link.go":   {"Patience = time.Second": "Patience = time.Minute", "reaching = 2500 * time.Millisecond": "reaching = time.Minute"},
	"doctor/internal/redis/reach.go": {"aCall = 250 * time.Millisecond": "aCall = time.Minute"},
	"doctor/internal/redis/redis.go": {"lasting = 4500 * time.Millisecond": "lasting = time.Minute"},
	"doctor/internal/redis/push.go":  {"pushing = 2 * time.Second": "pushing = time.Minute", "arrives = time.Second": "arrives = time.Minute", "lives   = 5 * time.Second": "lives   = time.Hour"},
	"doctor/internal/token/token.go": {"lasting = 4500 * time.Millisecond": "lasting = time.Minute"},
	"doctor/internal/fleet/fleet.go": {"lasting = 4500 * time.Millisecond": "lasting = time.Minute"},
}

// program is one form of the command.
type program struct{ raced, patient bool }

// programs are where they are.
var programs = make(map[program]string)

func buildPrograms(dir string) error {
	overlay := filepath.Join(dir, "overlay.json")
	if err := writeOverlay(overlay); err != nil {
		return err
	}
	for _, p := range []program{{}, {raced: true}, {raced: raceEnabled(), patient: true}} {
		if p.raced && !raceEnabled() {
			continue
		}
		// Without symbols, linking is quicker.
		name, args := "advoware", []string{"build", "-ldflags=-w"}
		if p.raced {
			name, args = name+"-raced", append(args, "-race")
		} else {
			// Without the flags that make test-rest compiles with for the race detector, all of it was
			// compiled before, most of the time.
			args = append(args, "-gcflags=all=")
		}
		if p.patient {
			name, args = name+"-patient", append(args, "-overlay="+overlay)
		}
		programs[p] = filepath.Join(dir, name+".exe") // a name that every system takes
		if out, err := exec.Command("go", append(args, "-o", programs[p], ".")...).CombinedOutput(); err != nil {
			return fmt.Errorf("go build: %w\n%s", err, out)
		}
	}
	return nil
}

// writeOverlay writes the files of patience, and beside them to, which names them to the compiler.
func writeOverlay(to string) error {
	replace := make(map[string]string)
	for name, texts := range patience {
		path, err := filepath.Abs(filepath.Join("..", "..", filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := string(source)
		for was, is := range texts {
			if n := strings.Count(text, was); n != 1 {
				return fmt.Errorf("%s has %d times %q, want once", name, n, was)
			}
			text = strings.Replace(text, was, is, 1)
		}
		replace[path] = filepath.Join(filepath.Dir(to), strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(replace[path], []byte(text), 0o600); err != nil {
			return err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}
