package redact_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/redact"
)

// apart writes each byte by itself.
func apart(verb, between string) func(string) string {
	return func(s string) string {
		all := make([]string, len(s))
		for i := range all {
			all[i] = fmt.Sprintf(verb, s[i])
		}
		return strings.Join(all, between)
	}
}

// groups breaks a text into pieces.
func groups(text string, size int, between string) string {
	var b strings.Builder
	for len(text) > size {
		b.WriteString(text[:size] + between)
		text = text[size:]
	}
	return b.String() + text
}

// lists are ways to write bytes down as numbers.
var lists = map[string]func(string) string{
	"spaces":            apart("%02x", " "),
	"SPACES":            apart("%02X", " "),
	"colons":            apart("%02x", ":"),
	"COLONS":            apart("%02X", ":"),
	"hyphens":           apart("%02x", "-"),
	"commas":            apart("%02x", ","),
	"dots":              apart("%02x", "."),
	"lines":             apart("%02x", "\r\n"),
	"an array of C":     apart("0x%02x", ", "),
	"AN ARRAY OF C":     apart("0X%02X", ","),
	"without a comma":   apart("0x%02x", ""),
	"of xxd":            func(s string) string { return groups(fmt.Sprintf("%x", s), 4, " ") },
	"lines, indented":   func(s string) string { return groups(fmt.Sprintf("%x", s), 32, "\n    ") },
	"lines in JSON":     func(s string) string { return asJSON(groups(apart("%02x", " ")(s), 48, "\r\n")) },
	"an array":          apart("%d", ","),
	"an array of Go":    apart("%d", " "),
	"an array in lines": apart("%d", ",\n\t"),
	"in a query":        func(s string) string { return url.QueryEscape(apart("%02x", ":")(s)) },
	"array in a query":  func(s string) string { return url.QueryEscape(apart("%d", ", ")(s)) },
	"in HTML":           func(s string) string { return strings.ReplaceAll(apart("%02x", ":")(s), ":", "&#58;") },
	"UTF-16": func(s string) string {
		return apart("%02x", " ")(string(utf16Of(binary.LittleEndian, s)))
	},
	"an array of UTF-16": func(s string) string {
		return apart("%d", ",")(string(utf16Of(binary.LittleEndian, s)))
	},
	"short numbers": func(s string) string { return apart("0x%x", ", ")(string(utf16Of(binary.BigEndian, s))) },
}

// A token of which the bytes are written as numbers is hidden, and nothing beside it.
func TestLists(t *testing.T) {
	for _, token := range []string{"12345678", "geheim-für-Müller", strings.Repeat("eyJhbGciOi.", 100)} {
		s := redact.NewToken("another-token").And(redact.NewToken(token)).Encoded()
		for how, write := range lists {
			for _, around := range []string{"%s", "Ende", `{"data":[%s],"n":1}`, "<Buffer %s>", strings.Repeat("Zugriff ", 100) + "(%s)" + strings.Repeat(" verweigert", 100)} {
				want := strings.ReplaceAll(around, "%s", redact.Mark)
				text := strings.ReplaceAll(around, "%s", write(token))
				if got := s.Hide(text); got != want || s.In(text) != (want != around) {
					t.Errorf("%s of %.20q in %.30q: %.300q", how, token, around, got)
				}
			}
		}
	}
}

// A text that broke off within a list does not show its beginning, nor half a number.
func TestListThatIsCut(t *testing.T) {
	const token = "the-token-of-this-test.0123456789"
	s := redact.NewToken(token).Encoded()
	for how, write := range lists {
		whole := "Header: " + write(token)
		for cut := len(whole); cut > len("Header: ")+len(write("the-token-of")); cut-- {
			got := s.HideCut(whole[:cut])
			if !strings.HasPrefix(got, "Header: "+redact.Mark) || len(got) > len("Header: "+redact.Mark)+len("&#58;0x") {
				t.Fatalf("%s, %d bytes: %q", how, cut, got)
			}
		}
	}
}

// Numbers that are something else stay as they are.
func TestNumbersThatAreNoSecret(t *testing.T) {
	s := redact.NewToken("the-token-of-this-test.0123456789").Encoded()
	numbers, _ := json.Marshal(make([]int, 10_000))
	for _, text := range []string{
		string(numbers), "0", "0x", "0x0x0x", "x", strings.Repeat("0x", 1000), strings.Repeat("255, ", 1000), strings.Repeat("de:ad:be:ef ", 1000),
		apart("%02x", ":")("the-token-of-this-test.012345678!"), apart("%d", ", ")("the-token-of-this-test.012345678!"),
		"2026-12-01 10:11:12.131415 00:00:5e:00:53:01 fe80::1", strings.Repeat("1\n ", 1000), strings.Repeat(" ", 1000), strings.Repeat("abcdefabcdefabcdef ", 100),
	} {
		if got := s.Hide(text); got != text {
			t.Errorf("%.100q became %.100q", text, got)
		}
		if got := s.HideCut(text + " Halt"); got != text+" Halt" {
			t.Errorf("%.100q, maybe cut, became %.100q", text, got)
		}
	}
	if short := redact.NewToken("abcdefg").Encoded(); short.Hide("97,98,99,100,101,102,103") != "97,98,99,100,101,102,103" {
		t.Error("seven letters are found")
	}
}
