package charset_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/advoware-go/advoware/internal/alloctest"
	"github.com/advoware-go/advoware/internal/charset"
)

const (
	latin1    = "[\"M\xfcller & S\xf6hne, \x80\"]" // Windows-1252, which its name means to everybody
	euro      = `["Müller & Söhne, €"]`
	le        = "[\x00\"\x00\xfc\x00\"\x00]\x00"
	be        = "\x00[\x00\"\x00\xfc\x00\"\x00]"
	le32      = "[\x00\x00\x00\"\x00\x00\x00\xfc\x00\x00\x00\"\x00\x00\x00]\x00\x00\x00"
	be32      = "\x00\x00\x00[\x00\x00\x00\"\x00\x00\x00\xfc\x00\x00\x00\"\x00\x00\x00]"
	umlaut    = `["ü"]`
	bom       = "\xef\xbb\xbf"
	surrogate = "[\x00\"\x00\x00\xd8\"\x00]\x00"
)

// what a server writes, and what it is; "" is an error.
var answers = map[string]struct{ body, contentType, want string }{
	"UTF-8":                    {umlaut, "application/json", umlaut},
	"UTF-8 by name":            {umlaut, "application/json; charset=utf-8", umlaut},
	"UTF-8, other spellings":   {umlaut, `application/json;CharSet = "UTF8" ; x=y`, umlaut},
	"UTF-8, no type":           {umlaut, "", umlaut},
	"mark":                     {bom + umlaut, "application/json", umlaut},
	"mark against its name":    {bom + umlaut, "application/json; charset=iso-8859-1", umlaut},
	"ISO 8859-1":               {latin1, "application/json; charset=iso-8859-1", euro},
	"ISO 8859-1, capitals":     {latin1, "application/json; CHARSET=ISO-8859-1", euro},
	"ISO 8859-1, quoted":       {latin1, `text/json; version=1; charset="latin1"`, euro},
	"Windows-1252":             {latin1, "application/json; charset=windows-1252", euro},
	"Windows-1252, by alias":   {latin1, "application/json; charset=cp1252", euro},
	"ASCII by name, it is not": {latin1, "application/json; charset=us-ascii", euro},
	"ISO 8859-15":              {"[\"\xa4 \xfc\"]", "application/json; charset=iso-8859-15", `["€ ü"]`},
	"DOS":                      {"[\"\x81\"]", "application/json; charset=ibm850", umlaut},
	"Shift JIS":                {"[\"\x83e\"]", "application/json; charset=shift_jis", `["テ"]`},
	"ISO 2022":                 {"[\"\x1b$B%F\x1b(B\"]", "application/json; charset=iso-2022-jp", `["テ"]`},
	"UTF-16 by mark, LE":       {"\xff\xfe" + le, "application/json", umlaut},
	"UTF-16 by mark, BE":       {"\xfe\xff" + be, "application/json; charset=utf-16", umlaut},
	"UTF-16 by name, LE":       {le, "application/json; charset=utf-16", umlaut},
	"UTF-16 by name, BE":       {be, "application/json; charset=utf-16", umlaut},
	"UTF-16 by both names":     {be, "application/json; charset=utf-16be", umlaut},
	"UTF-16 unnamed":           {le, "", umlaut},
	"UTF-16, one digit":        {"7\x00", "", "7"},
	"UTF-16, not ASCII second": {"\"\x00\xac\x20\"\x00", "", `"€"`},
	"UTF-32 by mark, LE":       {"\xff\xfe\x00\x00" + le32, "", umlaut},
	"UTF-32 by mark, BE":       {"\x00\x00\xfe\xff" + be32, "", umlaut},
	"UTF-32 unnamed, LE":       {le32, "application/json", umlaut},
	"UTF-32 unnamed, BE":       {be32, "application/json", umlaut},
	"unknown, but UTF-8":       {umlaut, "application/json; charset=json", umlaut},
	"unknown":                  {latin1, "application/json; charset=json", ""},
	"not supported":            {"[\"+APw-\"]", "application/json; charset=utf-7", ""},
	"not what it names":        {latin1, "application/json; charset=utf-8", ""},
	"unnamed":                  {latin1, "application/json", ""},
	"unnamed, no type":         {latin1, "", ""},
	"half a sign":              {umlaut[:3], "application/json", ""},
	"mark, then something":     {bom + latin1, "application/json", ""},
	"half a surrogate":         {surrogate, "application/json", ""},
	"half a unit":              {le[:len(le)-1], "application/json; charset=utf-16le", ""},
	"not Shift JIS":            {"[\"\x81\"]", "application/json; charset=shift_jis", ""},
	"a replacement as data":    {"[\"\ufffd\"]", "application/json", "[\"\ufffd\"]"},
	"nothing":                  {"", "application/json; charset=utf-16", ""},
	"a mark alone":             {bom, "", ""},
}

func TestJSON(t *testing.T) {
	for name, tt := range answers {
		got, err := charset.JSON([]byte(tt.body), tt.contentType)
		if tt.want == "" && strings.Trim(tt.body, bom) != "" {
			if !errors.Is(err, charset.Error) {
				t.Errorf("%s: %q, %v; want an error", name, got, err)
			}
			continue
		}
		if string(got) != tt.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", name, got, err, tt.want)
		}
	}
}

// However it arrives.
func TestReader(t *testing.T) {
	for name, tt := range answers {
		for how, r := range map[string]io.Reader{
			"at once": strings.NewReader(tt.body), "byte by byte": iotest.OneByteReader(strings.NewReader(tt.body)),
			"with its end": iotest.DataErrReader(strings.NewReader(tt.body)),
		} {
			want, wantErr := charset.JSON([]byte(tt.body), tt.contentType)
			in, err := charset.NewReader(r, tt.contentType)
			var got []byte
			if err == nil {
				got, err = io.ReadAll(in)
			}
			if err == nil {
				err = in.Check(got)
			}
			if (err == nil) != (wantErr == nil) || err == nil && !bytes.Equal(got, want) {
				t.Errorf("%s, %s: %q, %v; JSON says %q, %v", name, how, got, err, want, wantErr)
			}
		}
	}
}

func TestReaderPassesErrorsOn(t *testing.T) {
	for _, contentType := range []string{"", "text/plain; charset=latin1"} {
		in, err := charset.NewReader(io.MultiReader(strings.NewReader("[1"), iotest.ErrReader(io.ErrClosedPipe)), contentType)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(in); string(got) != "[1" || !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestText(t *testing.T) {
	for name, tt := range map[string]struct{ body, contentType, want string }{
		"UTF-8":            {"Zugriff für Müller", "text/plain", "Zugriff für Müller"},
		"mark":             {bom + "{}", "application/json", "{}"},
		"named":            {"f\xfcr", "text/html; charset=windows-1252", "für"},
		"named wrongly":    {"f\xfcr", "text/html; charset=utf-8", "für"},
		"unnamed":          {"f\xfcr", "application/problem+json", "für"},
		"no type":          {"f\xfcr", "", "für"},
		"no text":          {"\x89PNG\xff", "image/png", "\x89PNG\xff"},
		"cut in a sign":    {"für Mü"[:7], "text/plain", "für M\xc3"[:7]},
		"UTF-16":           {"\xff\xfef\x00\xfc\x00r\x00", "text/plain", "für"},
		"UTF-16 unmarked":  {"f\x00\xfc\x00r\x00", "text/plain; charset=utf-16", "für"},
		"nobody knows it":  {"f\xfcr", "text/plain; charset=klingon", "für"},
		"not supported":    {"fuer", "text/plain; charset=utf-7", "fuer"},
		"nothing":          {"", "", ""},
		"UTF-8, misnamed":  {"für", "text/plain; charset=iso-8859-1", "für"},
		"both":             {"für f\xfcr", "text/plain; charset=iso-8859-1", "für für"},
		"both, unnamed":    {"für f\xfcr", "", "für für"},
		"both, marked":     {bom + "für f\xfcr", "", "für f\xfcr"},
		"Shift JIS":        {"\x83e", "text/plain; charset=shift_jis", "テ"},
		"a zero byte":      {"abc\x00d", "", "abc\x00d"},
		"one byte, no ASC": {"\xfc", "", "ü"},
	} {
		if got := charset.Text([]byte(tt.body), tt.contentType); string(got) != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestUTF8NoAlloc(t *testing.T) {
	body := []byte(euro)
	for _, contentType := range []string{"application/json", "application/json; charset=utf-8"} {
		alloctest.None(t, func() { _, _ = charset.JSON(body, contentType) })
	}
}

func FuzzJSON(f *testing.F) {
	for _, tt := range answers {
		f.Add([]byte(tt.body), tt.contentType)
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		got, err := charset.JSON(body, contentType)
		if err == nil && bytes.Count(got, []byte("\ufffd")) > bytes.Count(body, []byte("\ufffd")) {
			t.Fatalf("%q in %q became %q", body, contentType, got)
		}
		_ = charset.Text(body, contentType)
	})
}
