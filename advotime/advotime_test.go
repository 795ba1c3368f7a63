package advotime_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/advotime"
)

// canonical is what the package writes of a date in one of the usual years.
var canonical = regexp.MustCompile(`^([12]\d{3}-\d\d-\d\d)?T?(\d\d:\d\d:\d\d(\.\d{0,6}[1-9])?)?$`)

// check says what is wrong with what was made of a text.
func check[T interface {
	comparable
	fmt.Stringer
	encoding.TextMarshaler
	IsZero() bool
	Equal(T) bool
}](text string, parse func(string) (T, error)) error {
	v, err := parse(text)
	var zero T
	if err != nil {
		if v != zero || len(err.Error()) > 600 {
			return fmt.Errorf("%q is %v beside %v", text, v, err)
		}
		return nil
	}
	written, err := v.MarshalText()
	if err != nil || string(written) != v.String() {
		return fmt.Errorf("%q is %q and %q: %v", text, written, v, err)
	}
	again, err := parse(string(written))
	if err != nil || !again.Equal(v) || again.IsZero() != v.IsZero() || again.String() != v.String() {
		return fmt.Errorf("%q is written as %q and read as %q: %v", text, written, again, err)
	}
	data, err := json.Marshal(struct{ V T }{v})
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	var back struct{ V T }
	if err := json.Unmarshal(data, &back); err != nil || back.V != again && !v.IsZero() || !back.V.Equal(v) {
		return fmt.Errorf("%q is %s and read as %v: %v", text, data, back.V, err)
	}
	if _, both := any(v).(advotime.Day); !both && canonical.MatchString(text) && strings.Contains(text, ":") && !strings.HasPrefix(v.String(), text) {
		if _, clock := any(v).(advotime.Clock); !clock || !strings.Contains(text, "-") {
			return fmt.Errorf("%q is written as %q", text, v)
		}
	}
	return nil
}

// FuzzText checks that what can be read is written so that it reads as the same, and
// keeps its wall clock.
func FuzzText(f *testing.F) {
	for _, text := range []string{
		"", "null", "2026-02-10", "2026-02-10T09:30:00", "2026-02-10T09:30:00.1234567Z", "2026-02-07T09:23:49+0000", "0001-01-01T00:00:00Z", "0001-01-01T09:30:00Z",
		"2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-10-25T02:30:00+01:00", "1893-04-01T00:03:00", "1945-05-24T02:30:00", "9999-12-31T23:59:59.999999999Z",
		"0001-01-03T00:00:00", "0001-01-02T23:59:59Z", "09:30", "23:59:59.9", "2026-02-10 09:30:00-23:59", "2026-02-30", "10000-01-01", "2026-02-10T09:30:00,5",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, err := range []error{
			check(text, advotime.ParseBerlin), check(text, advotime.ParseUTC), check(text, advotime.ParseDay), check(text, advotime.ParseClock),
		} {
			if err != nil {
				t.Error(err)
			}
		}
	})
}

// FuzzJSON checks that no JSON value makes it panic, or shows more than a little of itself.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{`null`, `""`, `"2026-02-10T09:30:00"`, `1`, `{`, `"`, `"\`, `"\u00`, `[null]`, "", "\x00", `"2026-02-10T09:30:00\n"`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []json.Unmarshaler{new(advotime.Berlin), new(advotime.UTC), new(advotime.Day), new(advotime.Clock)} {
			if err := v.UnmarshalJSON(data); err != nil && len(err.Error()) > 600 {
				t.Errorf("%T: %v", v, err)
			}
		}
	})
}
