package check_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	unitDir   = root + "deploy/systemd/"
	unit      = "advoware-proxy"
	installed = "/usr/local/bin/advoware" // where the unit has the program
)

// directives returns what a unit file sets, by section and name: "Service.Type".
func directives(t *testing.T, file string) map[string][]string {
	t.Helper()
	set, section := make(map[string][]string), ""
	for line := range strings.Lines(string(read(t, unitDir+file))) {
		line = strings.TrimSpace(line)
		name, value, ok := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
		case !ok:
			t.Errorf("%s: %q", file, line)
		default:
			set[section+"."+name] = append(set[section+"."+name], value)
		}
	}
	return set
}

// verify has systemd read both files, changed, and returns what it complains of. The program
// is there, as systemd wants to see it.
func verify(t *testing.T, change *strings.Replacer) string {
	t.Helper()
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze on PATH")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "advoware")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	args := []string{"verify", "--man=no", "--recursive-errors=no"}
	for _, kind := range []string{".service", ".socket"} {
		text := strings.ReplaceAll(change.Replace(string(read(t, unitDir+unit+kind))), installed, program)
		name := filepath.Join(dir, unit+kind)
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	out, err := exec.Command(tool, args...).CombinedOutput()
	if err != nil {
		return string(out) + err.Error()
	}
	return string(out)
}

func TestSystemdTakesTheUnits(t *testing.T) {
	t.Parallel()
	if out := verify(t, strings.NewReplacer()); out != "" {
		t.Error(out)
	}
}

func TestMistakesInAUnitAreFound(t *testing.T) {
	t.Parallel()
	for old, wrong := range map[string]string{
		"WatchdogSec=":           "WatchDogSec=",
		"DynamicUser=yes":        "DynamicUser=sure",
		"ListenStream=127":       "ListenStream=x.127",
		"AF_INET AF_INET6":       "AF_INET AF_INET7",
		"@system-service":        "@system-services",
		"Type=notify":            "Type=notified",
		"ProtectSystem=strict":   "ProtectSystem=strictly",
		"FileDescriptorName=":    "FiledescriptorName=",
		"LoadCredential=":        "LoadCredentials=",
		"Restart=on-failure":     "Restart=on-failures",
		"NoNewPrivileges=yes":    "NoNewPriviliges=yes",
		"[Install]":              "[Installation]",
		"TimeoutStopSec=40":      "TimeoutStopSec=long",
		"RestartPreventExitStat": "RestartPreventStat",
	} {
		t.Run(wrong, func(t *testing.T) {
			t.Parallel()
			if out := verify(t, strings.NewReplacer(old, wrong)); out == "" {
				t.Error("nobody complains")
			}
		})
	}
}

// systemd counts what a service could do to the machine, from 0 (nothing) to 10.
func TestUnitCanDoLittle(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze on PATH")
	}
	// The threshold is a tenth: 2.0.
	out, err := exec.Command(tool, "security", "--offline=true", "--threshold=20", "--no-pager", unitDir+unit+".service").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestUnitsFitTogether(t *testing.T) {
	t.Parallel()
	service, socket := directives(t, unit+".service"), directives(t, unit+".socket")
	one := func(all map[string][]string, name string) string {
		if len(all[name]) != 1 {
			t.Fatalf("%s is %q", name, all[name])
		}
		return all[name][0]
	}
	if name := one(socket, "Socket.FileDescriptorName"); name != "proxy" {
		t.Errorf("the command knows no socket %s", name)
	}
	if one(service, "Unit.Requires") != unit+".socket" || one(service, "Install.Also") != unit+".socket" {
		t.Error("the service would listen itself if the socket is not there")
	}
	start := strings.Fields(one(service, "Service.ExecStart"))
	if start[0] != installed {
		t.Errorf("ExecStart=%s", start[0])
	}
	credential, file, _ := strings.Cut(one(service, "Service.LoadCredential"), ":")
	if got, want := flagOf(t, start, "--env-file"), "${CREDENTIALS_DIRECTORY}/"+credential; got != want || !filepath.IsAbs(file) {
		t.Errorf("--env-file is %s, and LoadCredential makes %s of %s", got, want, file)
	}
	drain, err := time.ParseDuration(flagOf(t, start, "--drain"))
	stop, err2 := time.ParseDuration(one(service, "Service.TimeoutStopSec") + "s")
	if err != nil || err2 != nil || stop <= drain {
		t.Errorf("TimeoutStopSec is %s, and --drain %s: %v, %v", stop, drain, err, err2)
	}
}
