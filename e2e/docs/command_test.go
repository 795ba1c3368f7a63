//go:build !race

package docs_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// flag is one as it is written: a value may follow it.
var flag = regexp.MustCompile(`(?:^|[\s(|\[])(--?[a-zA-Z][a-z-]*)`)

// helpOf returns what the command says of itself, or of one of its commands.
func helpOf(t *testing.T, command ...string) string {
	t.Helper()
	out, err := helpCommand(t, command...).Output()
	if err != nil {
		t.Fatalf("advoware help %q: %v", command, err)
	}
	return string(out)
}

func helpCommand(t *testing.T, command ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), binary(), append([]string{"help"}, command...)...)
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	return cmd
}

// commands returns the flags of each command, as its help names them.
func commands(t *testing.T) map[string][]string {
	t.Helper()
	_, list, found := strings.Cut(helpOf(t), "\nCommands:\n")
	if !found {
		t.Fatal("the help has no list of commands")
	}
	all := make(map[string][]string)
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z][a-z-]*)(?: |$)`).FindAllStringSubmatch(list, -1) {
		_, text, _ := strings.Cut(helpOf(t, m[1]), "\nFlags:\n")
		for _, line := range regexp.MustCompile(`(?m)^ +(-[a-zA-Z], )?--[a-z][a-z-]*`).FindAllString(text, -1) {
			for word := range strings.FieldsSeq(strings.ReplaceAll(line, ",", " ")) {
				all[m[1]] = append(all[m[1]], word)
			}
		}
	}
	if len(all) < 4 || len(all["call"]) < 10 {
		t.Fatalf("not all commands were found: %q", all)
	}
	return all
}

// TestCommandsAndFlagsAreDocumented: docs/command.md names each command and its flags, if
// they are not in a document that has the name of the command.
func TestCommandsAndFlagsAreDocumented(t *testing.T) {
	const page = "docs/command.md"
	for command, flags := range commands(t) {
		text := read(t, page)
		if own := "docs/" + command + ".md"; slices.Contains(documents(t), own) {
			text += read(t, own)
		}
		if !regexp.MustCompile("`(advoware )?" + command + "[ `]").MatchString(text) {
			t.Errorf("%s does not name the command %s", page, command)
		}
		for _, name := range flags {
			if !regexp.MustCompile("`[^`]*" + name + "[ =`,]").MatchString(text) {
				t.Errorf("%s does not name %s of %s", page, name, command)
			}
		}
	}
}

// TestCommandsAndFlagsExist looks through what documents write of the command: in blocks, and
// in lines of their text.
func TestCommandsAndFlagsExist(t *testing.T) {
	all := commands(t)
	span := regexp.MustCompile("`(?:[A-Z_]+=\\S+ )*advoware ([a-z][^`]*)`")
	inBlock := regexp.MustCompile(`(?m)(?:^|[;&|($]|&&|timeout \S+)\s*(?:[A-Z_]+=\S+ )*(?:advoware|go run \./cmd/advoware) ([a-z][^|;&<>()#\n]*)`)
	for _, page := range documents(t) {
		var lines []string
		text := read(t, page)
		for _, m := range span.FindAllStringSubmatch(text, -1) {
			lines = append(lines, m[1])
		}
		found, err := parseFences(page, text)
		if err != nil {
			t.Error(err)
		}
		for _, f := range found {
			if f.lang == "sh" {
				for _, m := range inBlock.FindAllStringSubmatch(strings.ReplaceAll(f.text, "\\\n", " "), -1) {
					lines = append(lines, m[1])
				}
			}
		}
		for _, line := range lines {
			checkLine(t, all, page, line)
		}
	}
}

// checkLine checks the words behind advoware.
func checkLine(t *testing.T, all map[string][]string, page, line string) {
	t.Helper()
	command, rest, _ := strings.Cut(line, " ")
	flags, exists := all[command]
	if !exists {
		t.Errorf("%s: advoware %s: there is no such command", page, line)
		return
	}
	for _, m := range flag.FindAllStringSubmatch(ownWords(rest), -1) {
		if !slices.Contains(flags, m[1]) {
			t.Errorf("%s: advoware %s: %s is none of the flags %q", page, line, m[1], flags)
		}
	}
}

// quotedWord is one word, whatever is in it.
var quotedWord = regexp.MustCompile(`'[^']*'|"[^"]*"`)

// ownWords returns the words of a line of a shell up to where another program begins, such as
// the one behind a pipe, whose flags are its own.
func ownWords(line string) string {
	line = quotedWord.ReplaceAllString(line, "x")
	if end := strings.IndexAny(line, "|;&<>()#\n"); end >= 0 {
		line = line[:end]
	}
	return line
}

func TestOwnWords(t *testing.T) {
	for line, want := range map[string]string{
		"GET / -q a=1":              "GET / -q a=1",
		"GET /employees | head -c":  "GET /employees ",
		`fish \| source --x`:        `fish \`,
		"-q 'a|b' --stats; kill -9": "-q x --stats",
		"GET / > file -x":           "GET / ",
		"sandbox & sleep -x":        "sandbox ",
		`-H "a: b" -i`:              "-H x -i",
	} {
		if got := ownWords(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
