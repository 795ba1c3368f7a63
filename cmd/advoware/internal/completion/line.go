package completion

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// line is a command line up to the word that is completed.
type line struct {
	app       *kong.Application
	node      *kong.Node
	arguments int             // of the node, that were read
	open      *kong.Flag      // whose value comes next
	only      bool            // behind --: no flags
	given     map[string]bool // flags
}

func newLine(app *kong.Application) *line {
	return &line{app: app, node: app.Node, given: make(map[string]bool)}
}

// read takes a word that is complete.
func (l *line) read(word string) {
	switch {
	case l.open != nil:
		l.open = nil
	case l.only || word == "-" || !strings.HasPrefix(word, "-"):
		l.argument(word)
	case word == "--":
		l.only = true
	case strings.HasPrefix(word, "--"):
		name, _, joined := strings.Cut(word[2:], "=")
		l.flag(l.long(name), !joined)
	default:
		for i, letter := range word[1:] {
			f := l.short(letter)
			rest := word[1+i+len(string(letter)):]
			l.flag(f, rest == "")
			if f == nil || takesValue(f) {
				return
			}
		}
	}
}

func (l *line) flag(f *kong.Flag, valueFollows bool) {
	if f == nil {
		return
	}
	l.given[f.Name] = true
	if valueFollows && takesValue(f) {
		l.open = f
	}
}

func (l *line) argument(word string) {
	for _, child := range l.node.Children {
		if l.arguments == 0 && (child.Name == word || slices.Contains(child.Aliases, word)) {
			l.node = child
			return
		}
	}
	l.arguments++
}

func takesValue(f *kong.Flag) bool { return !f.IsBool() && !f.IsCounter() }

func (l *line) flags() (all []*kong.Flag) {
	for _, group := range l.node.AllFlags(true) {
		all = append(all, group...)
	}
	return all
}

func (l *line) long(name string) *kong.Flag {
	return l.find(func(f *kong.Flag) bool { return f.Name == name || slices.Contains(f.Aliases, name) })
}

func (l *line) short(letter rune) *kong.Flag {
	return l.find(func(f *kong.Flag) bool { return f.Short == letter })
}

func (l *line) find(is func(*kong.Flag) bool) *kong.Flag {
	all := l.flags()
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i]
	}
	return nil
}

// complete answers for the last word.
func (l *line) complete(word string) Answer {
	switch {
	case l.open != nil:
		return l.values(l.open.Value, "", word)
	case !l.only && strings.HasPrefix(word, "--") && strings.Contains(word, "="):
		name, value, _ := strings.Cut(word, "=")
		if f := l.long(name[2:]); f != nil && takesValue(f) {
			return l.values(f.Value, name+"=", value)
		}
		return Answer{}
	case !l.only && len(word) > 2 && word[0] == '-' && word[1] != '-':
		letter := []rune(word[1:])[0]
		if f := l.short(letter); f != nil && takesValue(f) {
			prefix := "-" + string(letter)
			return l.values(f.Value, prefix, word[len(prefix):])
		}
		return Answer{}
	case !l.only && strings.HasPrefix(word, "-"):
		return l.flagNames(word)
	case l.arguments < len(l.node.Positional):
		return l.values(l.node.Positional[l.arguments], "", word)
	case len(l.node.Positional) > 0 && l.node.Positional[len(l.node.Positional)-1].IsCumulative():
		return l.values(l.node.Positional[len(l.node.Positional)-1], "", word)
	case l.arguments > 0:
		return Answer{}
	}
	return l.commands(l.node, word)
}

// flagNames are the flags that may still be given.
func (l *line) flagNames(word string) (a Answer) {
	for _, f := range l.flags() {
		if l.given[f.Name] && !f.IsCumulative() {
			continue
		}
		a.add("--"+f.Name, f.Help, word)
		if word == "-"+string(f.Short) {
			a.add(word, f.Help, word)
		}
	}
	return a
}

func (l *line) commands(node *kong.Node, word string) (a Answer) {
	for _, child := range node.Children {
		if !child.Hidden {
			a.add(child.Name, child.Help, word)
		}
	}
	return a
}

// values are those of a flag or an argument, behind a prefix.
func (l *line) values(v *kong.Value, prefix, word string) (a Answer) {
	kind := v.Tag.Get("complete")
	if kind == "" && v.Tag.PlaceHolder == "FILE" {
		kind = "file"
	}
	switch {
	case v.Enum != "":
		kind = strings.Join(v.EnumSlice(), ",")
	case kind == "":
		return Answer{}
	case kind == "file":
		return Answer{Files: true, Prefix: prefix}
	case kind == "@file" && strings.HasPrefix(word, "@"):
		return Answer{Files: true, Prefix: prefix + "@"}
	case kind == "@file":
		return Answer{}
	case kind == "command":
		return l.commands(l.app.Node, word)
	}
	for value := range strings.SplitSeq(kind, ",") {
		a.add(prefix+value, "", prefix+word)
	}
	return a
}

// add adds a word that begins with what was typed. Of its meaning it takes the first
// sentence.
func (a *Answer) add(text, help, typed string) {
	if strings.HasPrefix(text, typed) {
		help, _, _ = strings.Cut(strings.Join(strings.Fields(help), " "), ". ")
		a.Words = append(a.Words, Word{text, strings.TrimSuffix(help, ".")})
	}
}
