package manual_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/advoware-go/advoware/cmd/advoware/internal/manual"
)

type grammar struct {
	Global string `placeholder:"'X \\Y'" help:".starts with a dot, has \\ and \"quotes\" and - and Müller."`
	Do     struct {
		What string `arg:"" help:"'quoted' at the beginning."`
		Deep string `hidden:"" help:"Hidden."`
	} `cmd:"" help:"Does ^ and ~ and a long word."`
	Hidden struct{} `cmd:"" hidden:""`
}

func page(t *testing.T) string {
	t.Helper()
	app, err := kong.New(new(grammar), kong.Name("it"), kong.Description("Does what it does. And more."))
	if err != nil {
		t.Fatal(err)
	}
	p := manual.Page{
		Version: "v1.2.3", Date: "2026-02-10", SeeAlso: "That.",
		Variables: []manual.Variable{{Name: "IT_A", Help: "Default: -1."}},
		Status:    []manual.Status{{Code: "0", Help: "Done."}},
		Examples:  []manual.Example{{Line: "it do 'x' | y", Help: "Does."}},
	}
	return string(p.Roff(app.Model))
}

func TestRoff(t *testing.T) {
	text := page(t)
	for _, want := range []string{
		`.TH "IT" "1" "2026-02-10" "it v1.2.3" "User Commands"` + "\n",
		"it \\- does what it does\n", "\\fB\\-\\-global=\\(aqX \\eY\\(aq\\fR\n", `\&.starts with a dot, has \e and "quotes"`, `M\[u00FC]ller`,
		`\(aqquoted\(aq at`, `.SS "it do"`, `.SH "EXIT STATUS"`, "And more.\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "idden") {
		t.Error("what is hidden is shown")
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, ".") && !strings.HasPrefix(line, ".S") && !strings.HasPrefix(line, ".T") && !strings.HasPrefix(line, ".HP") {
			t.Errorf("%q is no macro of man(7)", line)
		}
	}
}

// Each program that renders manual pages takes it without a warning.
func TestRoffRenders(t *testing.T) {
	for _, program := range [][]string{{"groff", "-man", "-ww", "-Tutf8"}, {"mandoc", "-Tlint", "-Wwarning"}} {
		t.Run(program[0], func(t *testing.T) {
			path, err := exec.LookPath(program[0])
			if err != nil {
				t.Skip(err)
			}
			cmd := exec.Command(path, program[1:]...)
			cmd.Stdin = strings.NewReader(page(t))
			var warnings strings.Builder
			cmd.Stderr = &warnings
			out, err := cmd.Output()
			if lint := program[0] == "mandoc"; err != nil || warnings.Len() > 0 || lint != (len(out) == 0) {
				t.Errorf("%v, %q, %s", err, &warnings, out)
			}
		})
	}
}
