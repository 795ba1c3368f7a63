// Package manual writes the manual page of a command, in roff with the macros of man(7), from
// the model that the help is printed from.
package manual

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Page is what a page has beside the model. Empty fields are left out.
type Page struct {
	Version   string // of the program
	Date      string // of the version, 2026-02-10
	Variables []Variable
	Status    []Status
	Examples  []Example
	SeeAlso   string // a sentence
}

// Variable is one of the environment.
type Variable struct{ Name, Help string }

// Status is an exit status.
type Status struct{ Code, Help string }

// Example is a command line, and what it does.
type Example struct{ Line, Help string }

// Roff returns the page.
func (p *Page) Roff(app *kong.Application) []byte {
	w := new(writer)
	w.macro("TH", strings.ToUpper(app.Name), "1", p.Date, strings.TrimSpace(app.Name+" "+p.Version), "User Commands")
	w.macro("SH", "NAME")
	summary, rest, _ := strings.Cut(app.Help, ". ")
	w.text(app.Name + " - " + strings.ToLower(summary[:1]) + strings.TrimSuffix(summary[1:], "."))
	w.macro("SH", "SYNOPSIS")
	for _, node := range commands(app.Node) {
		w.macro("HP")
		w.bold(app.Name + " " + node.Name)
		if len(node.AllFlags(true)) > 0 {
			w.text("[flags]")
		}
		for _, a := range node.Positional {
			w.text(strings.TrimPrefix(a.Summary(), " "))
		}
	}
	if rest != "" {
		w.macro("SH", "DESCRIPTION")
		w.text(rest)
	}
	w.macro("SH", "COMMANDS")
	for _, node := range commands(app.Node) {
		w.command(app, node)
	}
	w.macro("SH", "GLOBAL FLAGS")
	w.flags(app.Flags)
	p.rest(w)
	return w.Bytes()
}

// rest writes what follows the commands.
func (p *Page) rest(w *writer) {
	if len(p.Status) > 0 {
		w.macro("SH", "EXIT STATUS")
	}
	for _, s := range p.Status {
		w.macro("TP")
		w.bold(s.Code)
		w.text(s.Help)
	}
	if len(p.Variables) > 0 {
		w.macro("SH", "ENVIRONMENT")
	}
	for _, v := range p.Variables {
		w.macro("TP")
		w.bold(v.Name)
		w.text(v.Help)
	}
	if len(p.Examples) > 0 {
		w.macro("SH", "EXAMPLES")
	}
	for _, e := range p.Examples {
		w.macro("TP")
		w.bold(e.Line)
		w.text(e.Help)
	}
	if p.SeeAlso != "" {
		w.macro("SH", "SEE ALSO")
		w.text(p.SeeAlso)
	}
}

func commands(node *kong.Node) []*kong.Node {
	return slices.DeleteFunc(slices.Clone(node.Children), func(n *kong.Node) bool { return n.Hidden })
}

// writer writes roff.
type writer struct{ bytes.Buffer }

func (w *writer) command(app *kong.Application, node *kong.Node) {
	w.macro("SS", app.Name+" "+node.Name)
	w.text(node.Help)
	for _, a := range node.Positional {
		w.macro("TP")
		w.bold(a.Name)
		w.text(a.Help)
	}
	w.flags(node.Flags)
}

func (w *writer) flags(flags []*kong.Flag) {
	for _, f := range flags {
		if !f.Hidden {
			w.macro("TP")
			w.bold(f.String())
			w.text(f.Help)
		}
	}
}

// macro writes a line that begins with a dot. Arguments are quoted.
func (w *writer) macro(name string, args ...string) {
	w.WriteString("." + name)
	for _, a := range args {
		fmt.Fprintf(w, ` "%s"`, strings.NewReplacer(`"`, `\(dq`, `\-`, "-").Replace(escape(a))) // a date has hyphens
	}
	w.WriteByte('\n')
}

func (w *writer) bold(text string) { w.line(`\fB` + escape(text) + `\fR`) }

func (w *writer) text(text string) { w.line(escape(text)) }

// line writes one line, which is not a macro whatever it begins with.
func (w *writer) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	w.WriteString(text + "\n")
}

// escape returns text on one line, without what roff would act on. A hyphen is written so that
// it can be copied as a minus.
func escape(text string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		switch {
		case r == '\\':
			b.WriteString(`\e`)
		case r == '-':
			b.WriteString(`\-`)
		case r == '\'':
			b.WriteString(`\(aq`)
		case r == '`':
			b.WriteString("\\`")
		case r == '^':
			b.WriteString(`\(ha`)
		case r == '~':
			b.WriteString(`\(ti`)
		case r > '~':
			fmt.Fprintf(&b, `\[u%04X]`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
