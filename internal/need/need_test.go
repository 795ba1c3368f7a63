//go:build unix

package need_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// system is a machine as tools/need sees it: the programs on PATH, each of which writes its
// command line into a log.
type system struct {
	programs []string // what is installed; a package manager installs what installs names
	installs string
	darwin   bool
	root     bool
	env      []string
}

var (
	debian = system{programs: []string{"apt-get"}, root: true}
	fedora = system{programs: []string{"dnf"}, root: true}
	alpine = system{programs: []string{"apk"}, root: true}
	macOS  = system{programs: []string{"brew"}, darwin: true}
)

func (s system) with(programs ...string) system {
	s.programs = append(programs, s.programs...)
	return s
}

func (s system) as(root bool) system { s.root = root; return s }

func (s system) setting(env ...string) system { s.env = env; return s }

func TestEachSystemHasItsCommand(t *testing.T) {
	const quietly = "env DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "
	for _, tt := range []struct {
		name    string
		on      system
		program string
		want    string
	}{
		{"Debian", debian, "redis-server", "apt-get -qq update\n" + quietly + "redis-server\n"},
		{"Debian", debian, "gcc", "apt-get -qq update\n" + quietly + "gcc libc6-dev\n"},
		{"Debian", debian, "chromium", "apt-get -qq update\n" + quietly + "chromium\n"},
		{"Debian", debian, "redis-cli", "apt-get -qq update\n" + quietly + "redis-tools\n"},
		{"Debian", debian, "promtool", "apt-get -qq update\n" + quietly + "prometheus\n"},
		{"Fedora", fedora, "redis-cli", "dnf --quiet --assumeyes install /usr/bin/redis-cli\n"},
		{"Alpine", alpine, "redis-cli", "apk add --quiet --update-cache redis\n"},
		{"macOS", macOS, "redis-cli", "env HOMEBREW_NO_ENV_HINTS=1 brew install --quiet redis\n"},
		{"Debian", debian, "python3", "apt-get -qq update\n" + quietly + "python3\n"},
		{"Debian", debian, "php", "apt-get -qq update\n" + quietly + "php-cli\n"},
		{"Debian", debian, "node", "apt-get -qq update\n" + quietly + "nodejs\n"},
		{"Alpine", alpine, "node", "apk add --quiet --update-cache nodejs\n"},
		{"Debian with sudo", debian.as(false).with("sudo"), "gcc", "sudo apt-get -qq update\nsudo " + quietly + "gcc libc6-dev\n"},
		{"Fedora", fedora, "redis-server", "dnf --quiet --assumeyes install /usr/bin/redis-server\n"},
		{"Fedora", fedora, "gcc", "dnf --quiet --assumeyes install /usr/bin/gcc\n"},
		{"Fedora", fedora, "chromium", "dnf --quiet --assumeyes install chromium\n"},
		{"Fedora", fedora, "python3", "dnf --quiet --assumeyes install /usr/bin/python3\n"},
		{"Fedora with sudo", fedora.as(false).with("sudo"), "make", "sudo dnf --quiet --assumeyes install /usr/bin/make\n"},
		{"Alpine", alpine, "redis-server", "apk add --quiet --update-cache redis\n"},
		{"Alpine", alpine, "gcc", "apk add --quiet --update-cache gcc musl-dev\n"},
		{"Alpine", alpine, "chromium", "apk add --quiet --update-cache chromium\n"},
		{"Alpine with doas", alpine.as(false).with("doas"), "python3", "doas apk add --quiet --update-cache python3\n"},
		{"macOS", macOS, "redis-server", "env HOMEBREW_NO_ENV_HINTS=1 brew install --quiet redis\n"},
		{"macOS", macOS, "python3", "env HOMEBREW_NO_ENV_HINTS=1 brew install --quiet python\n"},
		{"macOS with sudo and apt-get", macOS.with("sudo", "apt-get"), "redis-server", "env HOMEBREW_NO_ENV_HINTS=1 brew install --quiet redis\n"},
		{"Linux with brew only", system{programs: []string{"brew"}}, "redis-server", "env HOMEBREW_NO_ENV_HINTS=1 brew install --quiet redis\n"},
	} {
		t.Run(tt.name+"/"+tt.program, func(t *testing.T) {
			got, log, status := tt.on.need(t, "--dry-run", tt.program)
			if got != tt.want || status != 0 || log != "" {
				t.Errorf("a dry run: status %d, and started %q:\n%swant:\n%s", status, log, got, tt.want)
			}
			real := tt.on
			real.installs = tt.program
			said, log, status := real.need(t, tt.program)
			if status != 0 || !strings.Contains(said, "installing") {
				t.Errorf("status %d: %s", status, said)
			}
			for line := range strings.Lines(tt.want) { // sudo and env start what comes after them
				if i := strings.Index(line, tt.on.manager()); !strings.Contains(log, line[i:]) {
					t.Errorf("%q was not started:\n%s", line[i:], log)
				}
			}
		})
	}
}

func TestWhatIsThereIsNotInstalled(t *testing.T) {
	for name, tt := range map[string]struct {
		on      system
		program string
	}{
		"the program":          {debian.with("redis-server"), "redis-server"},
		"another server":       {debian.with("valkey-server").setting("ADVOWARE_REDIS_SERVER=valkey-server"), "redis-server"},
		"another browser":      {fedora.with("chromium-browser"), "chromium"},
		"an unknown system":    {system{programs: []string{"gcc"}}, "gcc"},
		"without a root at it": {alpine.as(false).with("python3"), "python3"},
	} {
		t.Run(name, func(t *testing.T) {
			if said, log, status := tt.on.need(t, tt.program); said != "" || log != "" || status != 0 {
				t.Errorf("status %d, said %q, started %q", status, said, log)
			}
		})
	}
}

func TestAdviceWhereNothingIsInstalled(t *testing.T) {
	for name, tt := range map[string]struct {
		on      system
		program string
		status  int
		want    string
	}{
		"an unknown system":      {system{programs: []string{"pacman"}}, "redis-server", 1, "there is no apt-get, dnf, apk or brew to install it with: please install it by hand"},
		"no sudo, Debian":        {debian.as(false), "gcc", 1, "apt-get needs root, sudo or doas: install gcc libc6-dev as root"},
		"no sudo, Fedora":        {fedora.as(false), "redis-server", 1, "dnf needs root, sudo or doas"},
		"no sudo, Alpine":        {alpine.as(false), "redis-server", 1, "apk needs root, sudo or doas: install redis as root"},
		"brew as root":           {macOS.as(true), "redis-server", 1, "brew does not run as root: run brew install redis as another user"},
		"no brew":                {system{darwin: true}, "redis-server", 1, "https://brew.sh"},
		"no compiler on macOS":   {macOS, "clang", 1, "xcode-select --install"},
		"no Chromium on macOS":   {macOS, "chromium", 1, "install Google Chrome"},
		"the manager fails":      {debian.with("failing"), "redis-server", 1, "apt-get could not install redis-server"},
		"installed, and not had": {fedora, "redis-server", 1, "dnf installed /usr/bin/redis-server without it"},
		"no program":             {debian, "", 2, "usage: "},
	} {
		t.Run(name, func(t *testing.T) {
			var args []string
			if tt.program != "" {
				args = []string{tt.program}
			}
			said, _, status := tt.on.need(t, args...)
			if status != tt.status || !strings.Contains(said, tt.want) {
				t.Errorf("status %d, said %q, want %q", status, said, tt.want)
			}
		})
	}
}

func (s system) manager() string { return s.programs[len(s.programs)-1] }

// need runs tools/need there, and returns what it said, what it started, and its status.
func (s system) need(t *testing.T, args ...string) (said, started string, status int) {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	program := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	noted := `echo "${0##*/} $*" >>'` + log + "'\n"
	for _, name := range s.programs {
		program(name, noted)
	}
	install := noted
	if s.installs != "" {
		install += "echo '#!/bin/sh' >'" + filepath.Join(dir, s.installs) + "'; /bin/chmod +x '" + filepath.Join(dir, s.installs) + "'\n"
	}
	if len(s.programs) > 0 && s.programs[0] == "failing" {
		install += "exit 100\n"
	}
	if len(s.programs) > 0 {
		program(s.manager(), install)
	}
	for _, name := range []string{"sudo", "doas"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			program(name, noted+`exec "$@"`)
		}
	}
	program("env", `while :; do case $1 in *=*) shift ;; *) break ;; esac; done; exec "$@"`)
	program("uname", map[bool]string{false: "echo Linux", true: "echo Darwin"}[s.darwin])
	program("id", map[bool]string{false: "echo 1000", true: "echo 0"}[s.root])

	script, err := filepath.Abs(filepath.Join("..", "..", "tools", "need"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/bin/sh", append([]string{script}, args...)...)
	cmd.Env = append([]string{"PATH=" + dir}, s.env...)
	out, _ := cmd.CombinedOutput()
	text, _ := os.ReadFile(log)
	return string(out), string(text), cmd.ProcessState.ExitCode()
}
