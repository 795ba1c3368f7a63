package errorbody_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/advoware-go/advoware/internal/errorbody"
	"github.com/advoware-go/advoware/internal/redact"
)

func TestRead(t *testing.T) {
	const token = "the-token-of-this-test"
	broken := iotest.ErrReader(errors.New("broken"))
	long := strings.Repeat("x", errorbody.Kept-5)
	for name, tt := range map[string]struct {
		body io.Reader
		want string
		cut  bool
	}{
		"empty":                       {strings.NewReader(""), "", false},
		"nothing to hide":             {strings.NewReader("wanted"), "wanted", false},
		"the token":                   {strings.NewReader("a " + token + " b"), "a [redacted] b", false},
		"broken off":                  {io.MultiReader(strings.NewReader("wanted"), broken), "wanted", true},
		"broken off in the token":     {io.MultiReader(strings.NewReader("a "+token[:12]), broken), "a [redacted]", true},
		"broken off in a character":   {io.MultiReader(strings.NewReader(utf16("a "+token[:12])+"t"), broken), "a [redacted]\ufffd", true},
		"ends in a character":         {strings.NewReader(utf16("a "+token[:12]) + "t"), "a [redacted]\ufffd", false},
		"as long as is kept":          {strings.NewReader(long + "12345"), long + "12345", false},
		"longer":                      {strings.NewReader(long + "123456"), long + "12345", true},
		"the token at the end":        {strings.NewReader(long + token), long + "[reda", true},
		"much longer, the token last": {strings.NewReader(long + token + strings.Repeat("y", 1<<20)), long + "[reda", true},
		"another character set":       {strings.NewReader("f\xfcr"), "für", false},
	} {
		for announced, length := range map[string]int64{"not": -1, "a little": 3, "too much": 1 << 40} {
			if seeker, ok := tt.body.(io.Seeker); ok {
				_, _ = seeker.Seek(0, io.SeekStart)
			} else if length > 0 {
				continue // it can be read once
			}
			resp := &http.Response{ContentLength: length, Header: http.Header{}, Body: io.NopCloser(tt.body)}
			body, cut := errorbody.Read(resp, redact.NewToken(token))
			if string(body) != tt.want || cut != tt.cut {
				t.Errorf("%s, length %s announced: %d bytes, %.40q … %q, cut %v", name, announced, len(body), body, body[max(0, len(body)-20):], cut)
			}
		}
	}
}

// A token that is spelled so that it is longer than what is searched beyond what is kept is not
// shown either.
func TestLongSpelling(t *testing.T) {
	token := strings.Repeat("0123456789", 400)
	var spelled strings.Builder
	for _, c := range token {
		fmt.Fprintf(&spelled, `\u%04x`, c)
	}
	text := strings.Repeat("x", errorbody.Kept-2000) + spelled.String() + strings.Repeat("y", 100<<10)
	resp := &http.Response{ContentLength: -1, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}
	body, cut := errorbody.Read(resp, redact.NewToken(token))
	if _, shown, _ := strings.Cut(string(body), `x\u`); shown != "" || !cut {
		t.Errorf("cut: %v, the token is shown: %.60q", cut, shown)
	}
}

// utf16 writes ASCII in UTF-16.
func utf16(text string) string {
	return "\xff\xfe" + strings.Join(strings.Split(text, ""), "\x00") + "\x00"
}
