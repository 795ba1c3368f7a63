// Package completion completes command lines in bash, zsh, fish and PowerShell.
//
// The scripts for the shells know nothing of the commands: at each Tab they ask the program
// itself, whose model has all there is, so that nothing can be forgotten or be out of date.
//
// A flag or an argument says what its values are by its enum, or by the tag complete:
//
//	complete:"file"      names of files, as a placeholder FILE says too
//	complete:"@file"     names of files behind an @
//	complete:"command"   names of commands
//	complete:"GET,POST"  these words
package completion

import (
	"embed"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Command is the first word of the command line by which a script asks, before the words
// that were typed. The last of them is the one to complete, up to the cursor, behind an =,
// since not every shell passes empty words on.
const Command = "__complete"

//go:embed script
var scripts embed.FS

// Script returns the script for a shell: bash, zsh, fish or powershell.
func Script(shell string) ([]byte, error) { return scripts.ReadFile("script/" + shell) }

// Answer is what a word can become.
type Answer struct {
	Words []Word
	// Files is set where names of files belong, which the shell knows better. Prefix is
	// what stands before them in the word.
	Files  bool
	Prefix string
}

// Word is one of them, as a whole, and what it means.
type Word struct{ Text, Help string }

// Print writes what a script reads: a line for each word, with a tab before its meaning,
// and a last line that begins with a colon.
func (a Answer) Print(w io.Writer) error {
	var b strings.Builder
	for _, word := range a.Words {
		b.WriteString(word.Text)
		if word.Help != "" {
			b.WriteString("\t" + word.Help)
		}
		b.WriteString("\n")
	}
	if a.Files {
		b.WriteString(":files " + a.Prefix + "\n")
	} else {
		b.WriteString(":words\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Complete answers for the words that were typed, as [Command] says.
func Complete(app *kong.Application, words []string) (Answer, error) {
	if len(words) == 0 || !strings.HasPrefix(words[len(words)-1], "=") {
		return Answer{}, fmt.Errorf("the last word does not begin with =")
	}
	line := newLine(app)
	for _, word := range words[:len(words)-1] {
		line.read(word)
	}
	return line.complete(words[len(words)-1][1:]), nil
}
