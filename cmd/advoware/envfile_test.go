package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/client/clienttest"
)

// written returns the name of a file with text.
func written(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "settings.env")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestEnvFile(t *testing.T) {
	const password = `it's $x "y" \ #z`
	fake := clienttest.Start(t, clienttest.Options{Password: password})
	text := "\ufeff# the office\r\n"
	for _, line := range fake.Env() {
		name, value, _ := strings.Cut(line, "=")
		text += "export " + name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "' # a comment\r\n"
	}
	file := written(t, text)
	for _, args := range [][]string{
		{"--env-file", file, "call", "GET", "/employees", "--store", "memory"},
		{"call", "--env-file=" + file, "GET", "/employees", "--store", "memory"},
		{"token", "--store", "memory", "--env-file", file},
	} {
		run(t, nil, args...).wantQuiet(t)
	}
	t.Run("the environment wins", func(t *testing.T) {
		run(t, []string{"ADVOWARE_PASSWORD=wrong"}, "token", "--store", "memory", "--env-file", file).wantFailure(t, 1, "password")
		run(t, []string{"ADVOWARE_USER="}, "token", "--store", "memory", "--env-file", file).wantFailure(t, 2, "ADVOWARE_USER is required")
	})
	t.Run("it is never read by itself", func(t *testing.T) {
		t.Chdir(t.TempDir())
		if err := os.WriteFile(".env", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, nil, "token", "--store", "memory").wantFailure(t, 2, "ADVOWARE_USER is required")
		run(t, nil, "token", "--store", "memory", "--env-file", ".env").wantQuiet(t)
	})
}

// A file that cannot be read is named, with the line and without what stands there.
func TestEnvFileThatCannotBeRead(t *testing.T) {
	const secret = "geheim-7"
	for text, words := range map[string]string{
		"A=b\n" + secret:                         "line 2: has no =",
		"ADVOWARE_PASSWORD=pa$" + secret + "\n":  "line 1: the value of ADVOWARE_PASSWORD has a $",
		"ADVOWARE_PASSWORD='" + secret + "\nB=c": "line 1: the value of ADVOWARE_PASSWORD has no closing quote",
		"\xff\xfeA\x00":                          "it is UTF-16",
	} {
		file := written(t, text)
		got := run(t, nil, "token", "--env-file", file)
		got.wantFailure(t, 2, "--env-file "+file+": "+words)
		if strings.Contains(got.err, secret) {
			t.Errorf("the value is shown: %s", got.err)
		}
	}
	missing := filepath.Join(t.TempDir(), "none")
	run(t, nil, "version", "--env-file", missing).wantFailure(t, 2, "--env-file "+missing+": ", "no such file")
	run(t, nil, "version", "--env-file", t.TempDir()).wantFailure(t, 2, "--env-file", "directory")
	run(t, nil, "version", "--env-file", "").wantFailure(t, 2, "--env-file is empty")
	run(t, nil, "version", "--env-file", missing, "--env-file", missing).wantFailure(t, 2, "--env-file is given twice")
}
