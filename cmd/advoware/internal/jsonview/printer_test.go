package jsonview_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/cmd/advoware/internal/jsonview"
)

func view(t testing.TB, o jsonview.Options, text string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	p := jsonview.New(&out, o)
	if _, err := io.Copy(p, iotest.OneByteReader(strings.NewReader(text))); err != nil {
		t.Fatal(err)
	}
	err := p.Close()
	return out.String(), err
}

// encoding/json lays JSON out in the same way, and is what people know.
func TestLayoutIsThatOfIndent(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `[ ]`, `{ }`, `[[]]`, `[{}]`, `[[1,2],[]]`, `1`, `-0.0e+10`, `"a"`, `null`, `true`, ` false `,
		`{"z" : 1.0,  "a":"\u00fc", "a":12345678901234567890, "a":1e400}`,
		`{"größe": ["<&>", "Mañana 😀", "\"\\\/\b\ud800"], "b":[{"c":{}},[{}],{"d":[[[]]]}]}`,
		"[\r\n1\t,\n2]\n\n",
	} {
		got, err := view(t, jsonview.Options{}, text)
		var want bytes.Buffer
		if e := json.Indent(&want, bytes.TrimSpace([]byte(text)), "", "  "); e != nil {
			t.Fatal(e)
		}
		if diff := cmp.Diff(want.String()+"\n", got); diff != "" || err != nil {
			t.Errorf("%s: %v, -want +got:\n%s", text, err, diff)
		}
	}
}

func TestColourIsAllThatIsAdded(t *testing.T) {
	const text = `{"a":[1.50,"b",null,true],"c":{}}`
	coloured, err := view(t, jsonview.Options{Colour: true}, text)
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := view(t, jsonview.Options{}, text)
	for _, code := range []string{"\x1b[1;34m", "\x1b[32m", "\x1b[36m", "\x1b[35m", "\x1b[0m"} {
		if !strings.Contains(coloured, code) {
			t.Errorf("no %q in %q", code, coloured)
		}
		coloured = strings.ReplaceAll(coloured, code, "")
	}
	if coloured != plain {
		t.Errorf("%q, without colours %q", coloured, plain)
	}
	if broken, _ := view(t, jsonview.Options{Colour: true}, `["ab`); !strings.HasSuffix(broken, "\x1b[0m\n") {
		t.Errorf("the colour goes on after %q", broken)
	}
}

// What is not JSON is shown from there on as it is.
func TestNotJSON(t *testing.T) {
	for text, want := range map[string]string{
		``:               ``,
		`<html>`:         "<html>\n",
		`{"a":1,]} "x" `: "{\n  \"a\": 1,\n  ]} \"x\" \n",
		`[1] [2]`:        "[\n  1\n][2]\n",
		`[1`:             "[\n  1\n",
		`[1.]`:           "[\n  1.]\n",
	} {
		got, err := view(t, jsonview.Options{}, text)
		if got != want || !errors.Is(err, jsonview.ErrNotJSON) {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
		if got, err := view(t, jsonview.Options{Plain: true}, text); strings.TrimSuffix(got, "\n") != text || !errors.Is(err, jsonview.ErrNotJSON) {
			t.Errorf("%q: plain %q, %v", text, got, err)
		}
	}
}

// Output grows with the text, however deeply it is nested.
func TestDeepNesting(t *testing.T) {
	text := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	got, err := view(t, jsonview.Options{}, text)
	if err != nil || len(got) > 100*len(text) {
		t.Errorf("%d bytes of %d, %v", len(got), len(text), err)
	}
	if _, err := view(t, jsonview.Options{}, strings.Repeat("[", 20000)+strings.Repeat("]", 20000)); !errors.Is(err, jsonview.ErrNotJSON) {
		t.Error("a nesting that encoding/json refuses is taken")
	}
}

func TestWriteErrorIsReturned(t *testing.T) {
	broken := errors.New("full")
	p := jsonview.New(writer(func([]byte) (int, error) { return 0, broken }), jsonview.Options{})
	_, err := io.Copy(p, strings.NewReader("["+strings.Repeat("1,", 100_000)+"1]"))
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if err := p.Close(); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// FuzzPrinter compares with encoding/json: what is JSON, and that nothing else is changed.
func FuzzPrinter(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e+3,"\u00fc",true,false,null]}`, `[0,01]`, `[1.]`, `-`, `{"a" "b"}`, `tru`, `"\x"`, `{,}`, `[,]`, `[1,]`, "\"\x01\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := view(t, jsonview.Options{}, text)
		plain, plainErr := view(t, jsonview.Options{Plain: true}, text)
		if strings.TrimSuffix(plain, "\n") != strings.TrimSuffix(text, "\n") && plain != text {
			t.Errorf("plain %q of %q", plain, text)
		}
		if valid := json.Valid([]byte(text)); valid != (err == nil) || valid != (plainErr == nil) {
			t.Fatalf("%q: %v, %v; JSON is %v", text, err, plainErr, valid)
		} else if !valid {
			return
		}
		var was, is bytes.Buffer
		_ = json.Compact(&was, []byte(text))
		_ = json.Compact(&is, []byte(got))
		if was.String() != is.String() {
			t.Errorf("%q became %q", text, got)
		}
	})
}
