package archtest_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/scanner"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var update = flag.Bool("update", false, "lower the figures of ratchet.txt, and write the table of packages into ARCHITECTURE.md")

const (
	ratchetFile     = "testdata/ratchet.txt"
	productionLines = 1600
)

// rules says what to do about a figure that rose, by the first word of its line.
var rules = map[string]string{
	"lines": fmt.Sprintf("a package has at most %d lines of production code, or what it has already: give a part of it a package of its own", productionLines),
	"words": "comments and names use the terms of the field: write pending write, report to the breaker, one fetch, tombstone, budget (GLOSSARY.md, and the list in ratchet_test.go)",
	"codes": "a reader does not know what I2 or I10 is: write the sentence that it stands for",
	"names": "a test file is named after the file that it tests: <file>_test.go or <file>_<case>_test.go",
}

// metaphors are words for which the field has terms of its own.
var metaphors = strings.Fields(`charge charged charges companion companions debt debts demand demands flaw flaws
	flies flight flights fly forgave forgive forgiven forgives gone heard hider judge judged judges landed landing lands mute muted
	owe owed owes owing paid pay paying pays settle settled settles spent stood told unfit`)

var (
	code = regexp.MustCompile(`\bI[0-9]{1,2}\b`)
	hump = regexp.MustCompile(`(\p{Ll})(\p{Lu})`) // in a name
)

// TestFiguresOnlyFall compares what is to become less with what was recorded. Where
// code moved from one package to another, the figures are moved by hand.
func TestFiguresOnlyFall(t *testing.T) {
	recorded, measured := make(map[string]int), measure(goFiles(t))
	text, err := os.ReadFile(ratchetFile)
	for line := range strings.Lines(string(text)) {
		var kind, of string
		var n int
		if _, err := fmt.Sscan(line, &kind, &of, &n); err != nil || rules[kind] == "" {
			t.Errorf("%s: %q is not a rule, what it is of, and a figure: %v", ratchetFile, line, err)
		}
		recorded[kind+" "+of] = n
	}
	if err != nil || t.Failed() {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(measured)) {
		if was := recorded[key]; measured[key] > was {
			kind, of, _ := strings.Cut(key, " ")
			t.Errorf("%s: %d %s, where there were %d: %s", of, measured[key], kind, was, rules[kind])
		}
	}
	lower := ""
	for _, key := range slices.Sorted(maps.Keys(recorded)) {
		if n := min(recorded[key], measured[key]); n > 0 {
			lower += fmt.Sprintln(key, n)
		}
	}
	switch {
	case lower == string(text):
	case *update:
		if err := os.WriteFile(ratchetFile, []byte(lower), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("some of %s is better now: go test ./internal/archtest -update keeps it so", ratchetFile)
	}
}

func TestRatchetMeasures(t *testing.T) {
	got := measure(map[string][]byte{
		"a/doc.go":          []byte("package a\n"),
		"a/lease.go":        []byte("package a\n\n// The debt is PAID, says I2; singleflight repays.\nfunc forgiveDebt(unpaid int) { _ = \"debt\" }\n"),
		"a/large.go":        []byte("package a\n" + strings.Repeat("\n", productionLines)),
		"a/lease_test.go":   []byte("package a_test\n\n// I10 is a debt, and I100 is not.\n"),
		"a/lease_x_test.go": nil, "a/leases_test.go": nil, "a/example_lease_test.go": nil, "a/helper_test.go": nil,
		"b/doc.go": []byte("package b\n"), "b/whatever_test.go": nil,
	})
	want := map[string]int{"words a": 4, "codes a": 2, "lines a": productionLines + 6, "names a/leases_test.go": 1}
	if !maps.Equal(got, want) {
		t.Errorf("got %v; want %v", got, want)
	}
}

// measure returns the figures that must not rise, by what they are of.
func measure(files map[string][]byte) map[string]int {
	figures, production := make(map[string]int), make(map[string][]string)
	for name, text := range files {
		name = filepath.ToSlash(name)
		dir, isTest := path.Dir(name), strings.HasSuffix(name, "_test.go")
		words, codes := scan(text)
		figures["codes "+dir] += codes
		if !isTest {
			figures["words "+dir] += words
			figures["lines "+dir] += bytes.Count(text, []byte("\n"))
			production[dir] = append(production[dir], strings.TrimSuffix(path.Base(name), ".go"))
		}
	}
	for name := range files {
		name = filepath.ToSlash(name)
		stem, isTest := strings.CutSuffix(path.Base(name), "_test.go")
		// A folder that is there for its tests has no file to name them after.
		nouns := production[path.Dir(name)]
		forTests := len(nouns) == 0 || slices.Equal(nouns, []string{"doc"}) || strings.HasPrefix(name, "e2e/")
		if isTest && !forTests && !named(stem, nouns) {
			figures["names "+name] = 1
		}
	}
	maps.DeleteFunc(figures, func(key string, n int) bool {
		return n == 0 || strings.HasPrefix(key, "lines ") && n <= productionLines
	})
	return figures
}

func named(stem string, nouns []string) bool {
	return slices.ContainsFunc(slices.Concat(nouns, []string{"example", "export", "helper", "main"}), func(noun string) bool {
		return stem == noun || strings.HasPrefix(stem, noun+"_")
	})
}

// scan counts metaphors in comments and names, and codes in comments.
func scan(text []byte) (words, codes int) {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, text, nil, scanner.ScanComments)
	for {
		_, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return words, codes
		case token.COMMENT:
			codes += len(code.FindAllString(lit, -1))
			fallthrough
		case token.IDENT:
			apart := hump.ReplaceAllString(lit, "$1 $2")
			for _, word := range strings.FieldsFunc(apart, func(r rune) bool { return !unicode.IsLetter(r) }) {
				if slices.Contains(metaphors, strings.ToLower(word)) {
					words++
				}
			}
		}
	}
}
