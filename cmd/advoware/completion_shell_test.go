//go:build linux

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// completed is what is typed in a shell, up to a Tab, and what stands there then.
var completed = []struct{ typed, want string }{
	{"advoware tok", "advoware token "},
	{"advoware call GE", "advoware call GET "},
	{"advoware call --conc", "advoware call --concurrency "},
	{"advoware call GET /x --store mem", "advoware call GET /x --store memory "},
	{"advoware call GET /x --store=mem", "advoware call GET /x --store=memory "},
	{"advoware call GET --log-level w", "advoware call GET --log-level warn "},
	{"advoware call POST /x -d @bod", "advoware call POST /x -d @body.json "},
	{"advoware call POST /x -d@bod", "advoware call POST /x -d@body.json "},
	{"advoware --env-file bod", "advoware --env-file body.json "},
	{"advoware call --env-file=bod", "advoware call --env-file=body.json "},
	{"advoware help sandb", "advoware help sandbox "},
	{"advoware completion powe", "advoware completion powershell "},
	{"advoware call -H 'X: y' --stat", "advoware call -H 'X: y' --stats "},
}

// bin returns a folder with the command under its own name, and one to be in with a file.
func bin(t *testing.T) (path, dir string) {
	t.Helper()
	path, dir = t.TempDir(), t.TempDir()
	if err := os.Symlink(binary, filepath.Join(path, "advoware")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "body.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path + ":" + os.Getenv("PATH"), dir
}

// shell returns where a shell is, and skips the test where there is none.
func shell(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("ADVOWARE_REQUIRE_SHELLS") == "1":
		t.Fatal(err)
	}
	t.Skip(err)
	return ""
}

func TestCompletionInBash(t *testing.T) {
	typeInto(t, "PS1='READY '; bind 'set enable-bracketed-paste off'; source <(advoware completion bash)", shell(t, "bash"), "--noprofile", "--norc", "-i")
}

func TestCompletionInZsh(t *testing.T) {
	typeInto(t, "PS1='READY '; unsetopt zle_bracketed_paste; bindkey -e; autoload -Uz compinit; compinit -u -D; source <(advoware completion zsh)", shell(t, "zsh"), "-f", "-i")
}

// A function that is loaded when it is first needed completes too.
func TestCompletionInZshByFpath(t *testing.T) {
	path, dir := bin(t)
	script := run(t, nil, "completion", "zsh")
	if err := os.WriteFile(filepath.Join(dir, "_advoware"), []byte(script.out), 0o600); err != nil {
		t.Fatal(err)
	}
	zsh := exec.Command(shell(t, "zsh"), "-f", "-c", `fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; print ${_comps[advoware]}`)
	zsh.Dir, zsh.Env = dir, append(os.Environ(), "PATH="+path)
	if out, err := zsh.CombinedOutput(); string(out) != "_advoware\n" {
		t.Errorf("%v, %q", err, out)
	}
}

// typeInto starts a shell at a terminal, and completes all there is to complete.
func typeInto(t *testing.T, begin, program string, args ...string) {
	path, dir := bin(t)
	if err := os.WriteFile(filepath.Join(dir, "rc"), []byte(begin), 0o600); err != nil {
		t.Fatal(err)
	}
	term, tty := terminal(t)
	sh := exec.Command(program, args...)
	sh.Dir, sh.Env = dir, append(os.Environ(), "PATH="+path, "TERM=dumb", "PS1=FIRST ", "HOME="+dir)
	sh.Stdin, sh.Stdout, sh.Stderr = tty, tty, tty
	sh.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := sh.Start(); err != nil {
		t.Fatal(err)
	}
	_ = tty.Close()
	defer func() { _ = sh.Process.Kill(); _ = sh.Wait() }()
	seen := ""
	waitFor := func(pattern string) string {
		t.Helper()
		_ = term.SetReadDeadline(time.Now().Add(tooLong))
		for buf, is := make([]byte, 4096), regexp.MustCompile(pattern); ; {
			if at := is.FindStringSubmatchIndex(seen); at != nil {
				found := seen[at[2]:at[3]]
				seen = seen[at[1]:]
				return found
			}
			n, err := term.Read(buf)
			if err != nil {
				t.Fatalf("%s: %v, %q", pattern, err, seen)
			}
			seen += string(buf[:n])
		}
	}
	write := func(s string) {
		if _, err := term.WriteString(s); err != nil {
			t.Fatal(err)
		}
	}
	write(". ./rc\n")
	waitFor(`[\r\n](READY) `)
	for _, c := range completed {
		// A dot behind the cursor, and what prints the words at the beginning of the line (Ctrl-A).
		write(c.typed + "\t.\x01printf '<%s>' \n")
		got := waitFor(`\n\r*(<[^\r\n]*>)[^\n]*READY `)
		want := "<" + strings.Join(strings.Split(strings.ReplaceAll(c.want+".", "'X: y'", "X:_y"), " "), "><") + ">"
		if want = strings.ReplaceAll(want, "X:_y", "X: y"); got != want {
			t.Errorf("%q becomes %s, want %s", c.typed, got, want)
		}
	}
}

// terminal opens a pseudo-terminal (man 7 pty): what is at it, and the terminal itself.
func terminal(t *testing.T) (term, tty *os.File) {
	t.Helper()
	fd, err := syscall.Open("/dev/ptmx", syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Skip("no terminal: ", err)
	}
	var locked, number int32
	for request, arg := range map[uintptr]*int32{syscall.TIOCSPTLCK: &locked, syscall.TIOCGPTN: &number} {
		if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(arg))); e != 0 {
			t.Fatal(e)
		}
	}
	term = os.NewFile(uintptr(fd), "/dev/ptmx")
	t.Cleanup(func() { _ = term.Close() })
	if tty, err = os.OpenFile("/dev/pts/"+strconv.Itoa(int(number)), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	return term, tty
}

func TestCompletionInFish(t *testing.T) {
	fish := shell(t, "fish")
	path, dir := bin(t)
	for _, c := range completed {
		cmd := exec.Command(fish, "--no-config", "-c", `advoware completion fish | source; complete -C $argv[1]`, c.typed)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+path, "HOME="+dir)
		out, err := cmd.CombinedOutput()
		word := c.want[:len(c.want)-1]
		word = word[strings.LastIndexByte(word, ' ')+1:]
		if got, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\t"); err != nil || got != word {
			t.Errorf("%q: %v, %q; want %q", c.typed, err, out, word)
		}
	}
}

// PowerShell reads the script, where there is one.
func TestCompletionInPowerShell(t *testing.T) {
	got := run(t, nil, "completion", "powershell")
	got.wantQuiet(t)
	for _, pair := range []string{"{}", "()", "[]"} {
		if opened, closed := strings.Count(got.out, pair[:1]), strings.Count(got.out, pair[1:]); opened != closed {
			t.Errorf("%d %q, and %d %q", opened, pair[:1], closed, pair[1:])
		}
	}
	pwsh, err := exec.LookPath("pwsh")
	if err != nil {
		t.Skip(err)
	}
	path, dir := bin(t)
	for _, c := range completed {
		cmd := exec.Command(pwsh, "-NoProfile", "-Command", got.out+"\n(TabExpansion2 -inputScript $env:TYPED -cursorColumn $env:TYPED.Length).CompletionMatches[0].CompletionText")
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+path, "TYPED="+c.typed)
		out, err := cmd.CombinedOutput()
		word := c.want[strings.LastIndexByte(strings.TrimSuffix(c.want, " "), ' ')+1 : len(c.want)-1]
		if text := strings.Trim(strings.TrimSpace(string(out)), "'"); err != nil || !strings.HasSuffix(strings.ReplaceAll(text, "./", ""), word) {
			t.Errorf("%q: %v, %q; want %q", c.typed, err, out, word)
		}
	}
}
