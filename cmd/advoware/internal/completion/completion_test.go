package completion_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/cmd/advoware/internal/completion"
)

type grammar struct {
	Config string `placeholder:"FILE" help:"Where it is. And more."`
	Run    struct {
		Color string   `enum:"red,green" default:"red" short:"c"`
		Data  string   `complete:"@file" short:"d"`
		Many  []string `short:"m"`
		Fast  bool     `short:"f"`
		Inner string   `hidden:""`

		Kind string   `arg:"" complete:"one,two"`
		Rest []string `arg:"" optional:"" enum:"x,y"`
	} `cmd:"" help:"Runs."`
	Explain struct {
		Command string `arg:"" complete:"command"`
	} `cmd:""`
	Secret struct{} `cmd:"" hidden:""`
}

func TestComplete(t *testing.T) {
	app, err := kong.New(new(grammar))
	if err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"=":                          "run\tRuns\nexplain\n:words\n",
		"=r":                         "run\tRuns\n:words\n",
		"=s":                         ":words\n",
		"=--c":                       "--config\tWhere it is\n:words\n",
		"--config =x":                ":files \n",
		"=--config=x":                ":files --config=\n",
		"--config x =":               "run\tRuns\nexplain\n:words\n",
		"--config=x =e":              "explain\n:words\n",
		"--unknown =":                "run\tRuns\nexplain\n:words\n",
		"=--unknown=":                ":words\n",
		"run =":                      "one\ntwo\n:words\n",
		"run one =":                  "x\ny\n:words\n",
		"run one x =y":               "y\n:words\n",
		"run -- =-":                  ":words\n",
		"run -- =o":                  "one\n:words\n",
		"run - =x":                   "x\n:words\n",
		"run =-":                     "--help\tShow context-sensitive help\n--config\tWhere it is\n--color\n--data\n--many\n--fast\n:words\n",
		"run --fast -m a -c red =--": "--help\tShow context-sensitive help\n--config\tWhere it is\n--data\n--many\n:words\n",
		"run -c =":                   "red\ngreen\n:words\n",
		"run =-cg":                   "-cgreen\n:words\n",
		"run -fc =r":                 "red\n:words\n",
		"run -fcred =o":              "one\n:words\n",
		"run =--fast=":               ":words\n",
		"run --color =g":             "green\n:words\n",
		"run =--color=g":             "--color=green\n:words\n",
		"run -d =":                   ":words\n",
		"run -d =@a":                 ":files @\n",
		"run =-d@a":                  ":files -d@\n",
		"run =-f":                    "-f\n:words\n",
		"explain =r":                 "run\tRuns\n:words\n",
		"explain run =":              ":words\n",
		"unknown =":                  ":words\n",
	} {
		answer, err := completion.Complete(app.Model, strings.Split(typed, " "))
		var got bytes.Buffer
		if err == nil {
			err = answer.Print(&got)
		}
		if err != nil || got.String() != want {
			t.Errorf("%q: %v %s", typed, err, cmp.Diff(want, got.String()))
		}
	}
	for _, words := range [][]string{nil, {"run"}} {
		if _, err := completion.Complete(app.Model, words); err == nil {
			t.Errorf("%q: no error", words)
		}
	}
}

func TestScript(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if script, err := completion.Script(shell); err != nil || !bytes.Contains(script, []byte(completion.Command)) {
			t.Errorf("%s: %v, %q", shell, err, script)
		}
	}
	if _, err := completion.Script("../completion.go"); err == nil {
		t.Error("a file beside the scripts is printed")
	}
}

type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestPrintReportsAnError(t *testing.T) {
	if err := (completion.Answer{}).Print(full{}); err != errFull {
		t.Error(err)
	}
}
