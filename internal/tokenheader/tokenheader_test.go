package tokenheader_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/alloctest"
	"github.com/advoware-go/advoware/internal/tokenheader"
	"github.com/advoware-go/advoware/store"
)

func TestLines(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		h           tokenheader.Header
		name, value string
	}{
		{tokenheader.Header{}, "Authorization", "Bearer one"},
		{tokenheader.Header{Name: "Authorization"}, "Authorization", "one"},
		{tokenheader.Header{Name: "authorization", Prefix: "Token "}, "Authorization", "Token one"},
		{tokenheader.Header{Name: "x-api-session"}, "X-Api-Session", "one"},
		{tokenheader.Header{Name: "X-Auth", Prefix: "session="}, "X-Auth", "session=one"},
	} {
		if p := tt.h.Problem(); p != "" {
			t.Errorf("%+v: %s", tt.h, p)
		}
		l := new(tokenheader.Lines)
		for _, text := range []string{"two", "one"} {
			want := strings.Replace(tt.value, "one", text, 1)
			if name, value := l.Of(tt.h, token(t, text)); name != tt.name || len(value) != 1 || value[0] != want {
				t.Errorf("%+v: %q, %q, want %q, %q", tt.h, name, value, tt.name, want)
			}
		}
		tok := token(t, "one")
		l.Of(tt.h, tok)
		alloctest.None(t, func() { l.Of(tt.h, tok) })
		if text := fmt.Sprintf("%+v %#v %+v", l, l, struct{ L *tokenheader.Lines }{l}); strings.Contains(text, "one") {
			t.Errorf("%+v: it prints the token: %s", tt.h, text)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for want, h := range map[string]tokenheader.Header{
		"no Name":     {Prefix: "Bearer "},
		"none of":     {Name: "X Session"},
		"none of a":   {Name: "X-Sitzung-Müller"},
		"none of a h": {Name: strings.Repeat("x", 101)},
		"Host, which": {Name: "host"},
		"Te, which":   {Name: "TE"},
		"visible":     {Name: "X-Session", Prefix: "a\r\nX: "},
		"begins with": {Name: "X-Session", Prefix: " a"},
	} {
		if got := h.Problem(); !strings.Contains(got, want) {
			t.Errorf("%+v: %q, want %q", h, got, want)
		}
		if got := new(tokenheader.Lines).Problem(h); got != h.Problem() {
			t.Errorf("%+v: %q", h, got)
		}
	}
}

func token(t *testing.T, text string) store.Token {
	t.Helper()
	tok, err := store.NewToken(text, time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}
