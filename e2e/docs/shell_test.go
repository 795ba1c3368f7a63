//go:build !race

package docs_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// shims are programs that stand in front of those of the same name, so that a block can be
// run as it stands within seconds.
var shims = map[string]string{
	// Says whether there are such targets.
	"make": `exec "$REAL_make" -n "$@" >/dev/null`,

	// The benchmarks and the examples are modules of their own, which take minutes to build and
	// to run, and have tests; those of the checkout are run besides. So what is called of them
	// must be there. Everything else is run.
	//
	// The command is built already, and its packages are compiled, for a checkout that is
	// called as it is: on a busy machine that is the difference of minutes.
	"go": `
		case " $* " in
		*" ./cmd/advoware "*)
			all=("$@") verb=$1 from=$PWD out=advoware
			shift
			while [ "$1" != ./cmd/advoware ]; do
				case $1 in
				-C) cd -P "$2" && shift ;;
				-o) out=$2 && shift ;;
				esac
				shift
			done
			shift
			case "$PWD $verb" in
			"$CHECKOUT run") exec "$BIN/advoware" "$@" ;;
			"$CHECKOUT build") exec cp "$BIN/advoware" "$out" ;;
			"$CHECKOUT install") mkdir -p "$GOBIN" && exec cp "$BIN/advoware" "$GOBIN/advoware" ;;
			esac
			cd "$from" && exec "$REAL_go" "${all[@]}" ;;
		" mod edit "*) exec "$REAL_go" "${@/=..\/advoware/=$CHECKOUT}" ;;
		esac
		case "$1 $2" in
		"-C benchmarks"|"-C examples"|"-C e2e/chaos") cd "$2" && shift 2 ;;
		*) case "$PWD/ $1" in
			"$CHECKOUT"/benchmarks/*|"$CHECKOUT/ test") ;;
			*) exec "$REAL_go" "$@" ;;
			esac ;;
		esac
		verb=$1; shift
		case $verb in
		tool) { "$REAL_go" list tool; "$REAL_go" list "cmd/$1" 2>/dev/null; } | grep -q "/$1\$" || exit 1 ;; # tool -n would build it
		run|test|build|vet)
			for arg; do case $arg in .|./*) "$REAL_go" list "$arg" >/dev/null || exit 1 ;; esac; done ;;
		*) echo "go $verb in the benchmarks is not looked at"; exit 1 ;;
		esac`,

	// A clone of this project is the checkout that is tested.
	"git": `
		case "$1 $2" in
		"clone "*advoware*) ln -s "$CHECKOUT" "${3-advoware}" ;;
		*) exec "$REAL_git" "$@" ;;
		esac`,
}

// standIns writes the shims.
func standIns() error {
	checkout, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	if checkout, err = filepath.EvalSymlinks(checkout); err != nil {
		return err
	}
	for name, script := range shims {
		real, err := exec.LookPath(name)
		if err != nil {
			continue // then a block that needs it fails
		}
		text := "#!/usr/bin/env bash\nBIN='" + bin + "' CHECKOUT='" + checkout + "' REAL_" + name + "='" + real + "'\n" + script + "\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o777); err != nil {
			return err
		}
	}
	return nil
}

// ofCheckout is what is written for the folder of the project.
var ofCheckout = regexp.MustCompile(`(?m)^\s*(make |go (run|install|build|test|vet) \./|go -C |cd benchmarks|tools/|\.ci/|cp \.env\.example)`)

// TestShellBlocks runs the blocks in sh. One that is about the files of the project is run
// in the checkout, any other in an empty folder with the checkout beside it, as
// ../advoware. What a reader has by then is there: files of testdata and, for go run, the
// last program that the document shows, as main.go.
func TestShellBlocks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the blocks are for a shell")
	}
	t.Parallel()
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	program, quickStarts := "", 0
	for _, f := range fences(t, "sh", "go") {
		if f.lang == "go" {
			if isProgram(f) {
				program = f.text
			}
			continue
		}
		if isQuickStart(f) {
			quickStarts++
		}
		t.Run(strings.ReplaceAll(f.String(), "/", "_"), func(t *testing.T) {
			t.Parallel()
			needs(t, f.text)
			above := t.TempDir()
			if err := os.Symlink(checkout, filepath.Join(above, "advoware")); err != nil {
				t.Fatal(err)
			}
			dir, home := filepath.Join(above, "mine"), filepath.Join(above, "home")
			given := os.DirFS(filepath.Join("testdata", strings.TrimSuffix(filepath.Base(f.file), ".md")))
			telemetry := filepath.Join(home, ".config/go/telemetry")
			for _, err := range []error{os.Mkdir(dir, 0o777), os.MkdirAll(telemetry, 0o777)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			// Else the go command leaves a process behind, which writes there when all is over.
			write(t, filepath.Join(telemetry, "mode"), "off")
			if _, err := fs.Stat(given, "."); err == nil {
				if err := os.CopyFS(dir, given); err != nil {
					t.Fatal(err)
				}
			}
			if strings.Contains(f.text, "go run .\n") || strings.Contains(f.text, "go run . ") {
				write(t, filepath.Join(dir, "main.go"), program)
			}
			if ofCheckout.MatchString(f.text) && !strings.Contains(f.text, "git clone") {
				dir = checkout
			}
			own := office(t)
			if isQuickStart(f) { // it starts a fake of its own, and works without a Redis
				own = slices.DeleteFunc(own, func(line string) bool {
					return strings.HasPrefix(line, "ADVOWARE_") && !strings.HasPrefix(line, "ADVOWARE_COMMAND=")
				})
				own = append(own, "REDIS_PORT=1")
			}
			env := slices.Concat(own, goFolders(t), []string{goFlags, "HOME=" + home, "GOBIN=" + filepath.Join(home, "bin"), "GOWORK=off"})
			// Go knows a folder again by its name: no names that are links.
			out := mustRun(t, f, dir, env, "bash", "-P", "-e", "-o", "pipefail", "-c", f.text)
			if n := strings.Count(out, employee); isQuickStart(f) && n != 2 {
				t.Errorf("%s: the quick start says %s %d times, not twice:\n%s", f, employee, n, out)
			}
		})
	}
	if quickStarts != 2 {
		t.Errorf("%d quick starts, where README.md and README.de.md have one each", quickStarts)
	}
}

// isQuickStart says whether a block makes a program of one's own of what a README shows.
func isQuickStart(f fence) bool {
	return strings.HasPrefix(f.file, "README") && strings.Contains(f.text, "\ngo run . ")
}

// employee is whom the sandbox has, and the quick start prints at each of its two calls.
const employee = "Jördis Müller-Lüdenscheidt"

// goFolders are where Go keeps things, which it would look for in HOME.
func goFolders(t *testing.T) []string {
	t.Helper()
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOENV"}
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"env"}, names...)...).Output()
	values := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if err != nil || len(values) != len(names) {
		t.Fatalf("go env: %q, %v", out, err)
	}
	for i, name := range names {
		values[i] = name + "=" + values[i]
	}
	return values
}

// requirePrograms turns the skip of a block for want of a program into a failure, if it is set
// to 1.
const requirePrograms = "ADVOWARE_REQUIRE_PROGRAMS"

// needs skips a test if a program is missing that not every machine has.
func needs(t *testing.T, block string) {
	t.Helper()
	for _, name := range []string{"curl", "openssl", "redis-cli", "python3", "make", "git"} {
		if !regexp.MustCompile(`(^|[^\w-])` + name + `[ \n]`).MatchString(block) {
			continue
		}
		if _, err := exec.LookPath(name); err != nil && os.Getenv(requirePrograms) == "1" {
			t.Fatalf("no %s on PATH, and %s=1 demands it", name, requirePrograms)
		} else if err != nil {
			t.Skipf("no %s on PATH: this block is not run (%s=1 makes this a failure)", name, requirePrograms)
		}
	}
}

// The stand-ins tell what there is from what there is not.
func TestStandIns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("they are for a shell")
	}
	checkout, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	for command, ok := range map[string]bool{
		"make test":                          true,
		"make bench BENCHTIME=1x":            true,
		"make nonsense":                      false,
		"go -C benchmarks run ./cmd/study x": true,
		"go -C benchmarks run ./cmd/none":    false,
		"go -C benchmarks tool bench run":    true,
		"go -C benchmarks tool none":         false,
		"cd benchmarks; go tool pprof x":     true,
		"cd benchmarks; go tool benchstat":   true,
		"go test ./signer":                   true,
		"go test ./none":                     false,
		"go version":                         true,
		"go run ./cmd/advoware version":      true,
		"go run ./cmd/advoware nonsense":     false,
	} {
		cmd := exec.CommandContext(t.Context(), "bash", "-P", "-e", "-c", command)
		cmd.Dir, cmd.Env = checkout, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); (err == nil) != ok {
			t.Errorf("%s: %v\n%s", command, err, out)
		}
	}
}
