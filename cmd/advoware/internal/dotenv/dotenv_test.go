package dotenv_test

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/cmd/advoware/internal/dotenv"
)

func getenv(name string) string {
	return map[string]string{"OUTSIDE": "o", "BOTH": "environment"}[name]
}

func TestParse(t *testing.T) {
	for text, want := range map[string]map[string]string{
		"":                                 {},
		"\n\n # nothing\n\t#A=b":           {},
		"A=b":                              {"A": "b"},
		"\ufeffA=b\r\nB=c\r\n":             {"A": "b", "B": "c"},
		"A=b\rB=c\r":                       {"A": "b", "B": "c"},
		"A=\nB= #\nC= # c\nD=''\nE=\"\"":   {"A": "", "B": "", "C": "", "D": "", "E": ""},
		" export\tA = b c \t# comment":     {"A": "b c"},
		"export=1":                         {"export": "1"},
		"exported=1":                       {"exported": "1"},
		"A=b#c\nB=c=d==\nC=a'b\"c\\n":      {"A": "b#c", "B": "c=d==", "C": `a'b"c\n`},
		`A='$x ${y} \n "z" # \' # comment`: {"A": `$x ${y} \n "z" # \`},
		"A='it'\\''s'":                     {"A": "it's"},
		`A="a\nb\tc\"\\\$\x'#" # comment`:  {"A": "a\nb\tc\"\\$\\x'#"},
		"A='one\r\ntwo'\nB=\"1\n\n2\"\nC=": {"A": "one\ntwo", "B": "1\n\n2", "C": ""},
		"A=1\nB=${A}2\nC=\"${B}3\"":        {"A": "1", "B": "12", "C": "123"},
		"A=${OUTSIDE}\nBOTH=f\nC=${BOTH}":  {"A": "o", "BOTH": "f", "C": "f"},
		"A=1\nA=2":                         {"A": "2"},
		"A=Müller ß 例":                     {"A": "Müller ß 例"},
	} {
		if got, err := dotenv.Parse([]byte(text), getenv); err != nil || !maps.Equal(got, want) {
			t.Errorf("%q: %v %s", text, err, cmp.Diff(want, got))
		}
	}
}

// A line that cannot be read is named, without what stands there.
func TestParseRefuses(t *testing.T) {
	const secret = "Geheim7"
	for text, want := range map[string]string{
		"A=b\n" + secret:                        "line 2: has no =",
		"A=b\n\n\n" + secret + " = \"\n":        "line 4: the value of " + secret,
		"A=b\n=" + secret:                       "line 2: has no name",
		"A-B=" + secret:                         "line 1: has no name",
		"1=" + secret:                           "line 1: has no name",
		"A: " + secret:                          "line 1: has no =",
		"A='" + secret:                          "line 1: the value of A has no closing quote",
		"#\r\nA='\r\n'\r\nB=\"" + secret + `\"`: "line 4: the value of B has no closing quote",
		"A='a'" + secret:                        "line 1: the value of A goes on behind the closing quote",
		"A='a'#" + secret:                       "line 1: the value of A goes on",
		`A='` + secret + `\'` + "\nB='b'":       "",
		`A='it\'` + secret + "'":                "line 1: the value of A goes on",
		"A=pa$" + secret:                        "line 1: the value of A has a $",
		"A=\"pa$$" + secret + `"`:               "line 1: the value of A has a $",
		"A=$(" + secret + ")":                   "line 1: the value of A has a $",
		"A=" + secret + "$":                     "line 1: the value of A has a $",
		"A=${" + secret + "}":                   "line 1: the value of A has a ${} of a variable that is not set",
		"A=#" + secret:                          "line 1: the value of A begins with a #",
		"A=${" + secret:                         "line 1: the value of A has a $",
		"A=" + secret + "\x00":                  "line 1: the value of A has a NUL",
		"\xff\xfeA\x00=\x00":                    "it is UTF-16",
	} {
		_, err := dotenv.Parse([]byte(text), getenv)
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		name := strings.Contains(want, secret) // where it stands in the place of a name
		if err == nil || !strings.HasPrefix(err.Error(), want) || !name && strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v; want %s", text, err, want)
		}
	}
}

// Variables that contain one another grow no further than a file may.
func TestParseIsBounded(t *testing.T) {
	text := "A0=xxxxxxxxxx\n"
	for i := range 60 {
		n, next := string(rune('A'+i/26))+string(rune('A'+i%26)), string(rune('A'+(i+1)/26))+string(rune('A'+(i+1)%26))
		if i == 0 {
			text += n + "=${A0}\n"
		}
		text += next + "=${" + n + "}${" + n + "}\n"
	}
	var bad *dotenv.Error
	if _, err := dotenv.Parse([]byte(text), getenv); !errors.As(err, &bad) || !strings.Contains(bad.Problem, "too long") {
		t.Error(err)
	}
	name := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(name, make([]byte, dotenv.MaxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := dotenv.ReadFile(name, getenv); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Error(err)
	}
}

// What is read is what a shell reads, as README.md loads the file.
func TestParseReadsAsAShell(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	text := "# comment\nexport A=b\nB='it'\\''s $x \\n # \"q\"\n2'\nC=\"a\\\"b\\\\c\\$d\"\nD=\nE=a/b:c=@+-_.\nF=${A}x # comment\nG='end\\'\n"
	name := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := dotenv.ReadFile(name, getenv)
	if err != nil {
		t.Fatal(err)
	}
	for n, value := range got {
		out, err := exec.Command("sh", "-c", `. "$1"; eval "printf %s \"\$$2\""`, "sh", name, n).Output()
		if err != nil || string(out) != value {
			t.Errorf("%s: a shell reads %q (%v), and we %q", n, out, err, value)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("A=b\nB='c'\nC=\"${A}\"")
	f.Fuzz(func(t *testing.T, text string) {
		vars, err := dotenv.Parse([]byte(text), getenv)
		if err != nil {
			return
		}
		again := ""
		for name, value := range vars {
			if strings.Contains(value, "\r") { // would be read as a line end
				return
			}
			again += name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'\n"
		}
		if got, err := dotenv.Parse([]byte(again), getenv); err != nil || !maps.Equal(got, vars) {
			t.Errorf("%q: %v %s", text, err, cmp.Diff(vars, got))
		}
	})
}
