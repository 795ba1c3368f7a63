package watch_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/watch"
)

// tracked returns the prefixes that a server tracks, in upper case, and how often it was told to stop.
func tracked(f *fakeRedis) (prefixes []string, stops int) {
	for _, cmd := range f.commands("CLIENT TRACKING") {
		if cmd == "CLIENT TRACKING OFF" {
			prefixes, stops = nil, stops+1
			continue
		}
		more := strings.Split(cmd, " PREFIX ")
		prefixes = append(prefixes, more[1:]...)
	}
	slices.Sort(prefixes)
	return prefixes, stops
}

// numbered returns n texts.
func numbered(n int, format string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return all
}

// Each name is tracked as it is, and all names {key}:… by what they have in common, as long as that
// makes 32 prefixes. Else those of the larger group that begin with the same four bytes are tracked by
// what they have in common, and if that is not enough those of the other one.
func TestWhatIsTracked(t *testing.T) {
	braced := func(list []string) (with []string) {
		for _, p := range list {
			with = append(with, "{"+p)
		}
		return with
	}
	unlike := numbered(40, "%02dxx-tenant") // in their first four bytes
	alike := numbered(40, "abcd%02d")
	locks := numbered(40, "{wxyz%02d}:lock")
	tags := numbered(40, "{wxyz%02d}:")
	for name, tt := range map[string]struct {
		names, want []string // want is nil: too many
	}{
		"as many as there may be":              {alike[:32], alike[:32]},
		"more":                                 {alike[:33], []string{"abcd"}},
		"as many that are unlike":              {unlike[:32], unlike[:32]},
		"more that are unlike":                 {unlike[:33], nil},
		"three bytes in common":                {numbered(40, "abc%02d"), []string{"abc0", "abc1", "abc2", "abc3"}},
		"the fourth differs":                   {strings.Split("abcA0 abcB0 abcC0 abcD0 abcE0 abcF0 abcG0 abcH0 abcI0 abcJ0 abcK0 abcL0 abcM0 abcN0 abcO0 abcP0 abcQ0 abcR0 abcS0 abcT0 abcU0 abcV0 abcW0 abcX0 abcY0 abcZ0 abc00 abc10 abc20 abc30 abc40 abc50 abc60", " "), nil},
		"some in common":                       {slices.Concat(alike[:30], unlike[:3]), slices.Concat([]string{"abcd"}, unlike[:3])},
		"more in common":                       {numbered(40, "abcdefgh%02d"), []string{"abcdefgh"}},
		"short ones beside":                    {slices.Concat(alike[:31], []string{"x", "yy"}), []string{"abcd", "x", "yy"}},
		"four bytes beside":                    {slices.Concat(alike[:32], []string{"wxyz", "wxy"}), []string{"abcd", "wxy"}},
		"one begins with the other":            {[]string{"abc", "abcd", "ab", "abcde"}, []string{"ab"}},
		"nothing":                              {[]string{"abc", ""}, []string{""}},
		"locks and keys":                       {slices.Concat(alike[:2], locks[:2], []string{"{wxyz00}:failed", "{}:x", "{}:y", "{z", "u}:v"}), slices.Concat(alike[:2], tags[:2], []string{"{}:", "{z", "u}:v"})},
		"many keys, and no lock":               {alike[:40], []string{"abcd"}},
		"many keys, and one lock":              {slices.Concat(alike[:40], locks[:1]), []string{"abcd", "{abcd", "{wxyz00}:"}},
		"more keys than locks":                 {slices.Concat(alike[:30], locks[:10]), slices.Concat([]string{"abcd", "{abcd"}, tags[:10])},
		"more locks than keys":                 {slices.Concat(alike[:10], locks[:30]), slices.Concat(alike[:10], []string{"{wxyz"})},
		"as many locks as keys":                {slices.Concat(alike[:20], locks[:20]), slices.Concat([]string{"abcd", "{abcd"}, tags[:20])},
		"too many of both":                     {slices.Concat(alike[:40], locks[:39]), []string{"abcd", "{abcd", "{wxyz"}},
		"locks of the keys":                    {slices.Concat(alike[:40], braced(alike[:1])), []string{"abcd", "{abcd"}},
		"unlike keys, and too many locks":      {slices.Concat(unlike[:20], locks[:40]), slices.Concat(unlike[:20], []string{"{wxyz"})},
		"unlike keys, and locks that are, too": {slices.Concat(unlike[:20], numbered(20, "{%02dzz}:lock")), nil},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				for _, name := range tt.names {
					w.Follow(name, func(bool) {})
				}
				time.Sleep(time.Second)
				got, stops := tracked(f)
				var want []string
				for _, p := range tt.want {
					want = append(want, strings.ToUpper(p))
				}
				slices.Sort(want)
				if !slices.Equal(got, want) || stops > 0 || w.Stats().Pushing != (want != nil) {
					t.Errorf("tracked: %q, %d times anew, %+v; want %q", got, stops, w.Stats(), want)
				}
				_ = w.Close()
			})
		})
	}
}

// What comes later is added, as long as it fits.
func TestWhatIsTrackedLater(t *testing.T) {
	for name, tt := range map[string]struct {
		first, later, want []string
		stops              int
	}{
		"fits":           {numbered(20, "abcd%02d"), numbered(12, "wxyz%02d"), slices.Concat(numbered(20, "abcd%02d"), numbered(12, "wxyz%02d")), 0},
		"does not fit":   {numbered(32, "abcd%02d"), numbered(1, "wxyz%02d"), []string{"abcd", "wxyz00"}, 1},
		"is more of all": {numbered(20, "abcd%02d"), numbered(40, "abcd%02d"), []string{"abcd"}, 1},
		"is shorter":     {[]string{"abcd", "efgh"}, []string{"abc"}, []string{"abc", "efgh"}, 1},
		"is longer":      {[]string{"abcd", "efgh"}, []string{"abcde"}, []string{"abcd", "efgh"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
				for _, names := range [][]string{tt.first, tt.later} {
					for _, name := range names {
						w.Follow(name, func(bool) {})
					}
					time.Sleep(time.Second)
				}
				got, stops := tracked(f)
				var want []string
				for _, p := range tt.want {
					want = append(want, strings.ToUpper(p))
				}
				slices.Sort(want)
				if !slices.Equal(got, want) || stops != tt.stops {
					t.Errorf("tracked: %q, %d times anew; want %q, %d times", got, stops, want, tt.stops)
				}
				if s := w.Stats(); s.Links != 1 || !s.Pushing {
					t.Errorf("%+v; want one link", s)
				}
				if n := strings.Count(f.log.String(), "Redis pushes changes"); n != 1 {
					t.Errorf("said %d times that it pushes", n)
				}
				for _, cmd := range f.commands("CLIENT TRACKING ON") {
					if !strings.Contains(cmd, " PREFIX ") {
						t.Errorf("%q tracks all keys", cmd)
					}
				}
				_ = w.Close()
			})
		})
	}
}

// Names that come later may be too many: then they are polled, and the server is never told to track so
// much.
func TestTooManyNamesLater(t *testing.T) {
	inBubble(t, working, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
		for _, names := range [][]string{numbered(10, "%02d-tenant"), numbered(50, "%02d-tenant")} {
			for _, name := range names {
				w.Follow(name, func(bool) {})
			}
			time.Sleep(10 * time.Second)
		}
		if s := w.Stats(); s.Pushing || s.Polls == 0 {
			t.Errorf("%+v; want polls", s)
		}
		if got, stops := tracked(f); len(got) > 32 || stops > 0 {
			t.Errorf("%d prefixes, %d times anew", len(got), stops)
		}
		_ = w.Close()
	})
}

// While all is tracked anew nothing is, and a server that refuses to stop is one that cannot push.
func TestTrackingIsStoppedForAMoment(t *testing.T) {
	t.Run("slowly", func(t *testing.T) {
		inBubble(t, func(args []string) string {
			if len(args) > 2 && args[2] == "OFF" {
				time.Sleep(500 * time.Millisecond)
			}
			return working(args)
		}, func(t *testing.T, f *fakeRedis, w *watch.Watch) {
			w.Follow("abcd", func(bool) {})
			time.Sleep(time.Second)
			link := w.Link()
			w.Follow("abc", func(bool) {})
			time.Sleep(250 * time.Millisecond)
			if w.Stats().Pushing || w.Link() != 0 {
				t.Errorf("%+v, link %d; want no pushes while the server was told to stop", w.Stats(), w.Link())
			}
			time.Sleep(time.Second)
			if n := w.Link(); !w.Stats().Pushing || n <= link {
				t.Errorf("%+v, link %d after %d; want pushes, and another number as some were missed", w.Stats(), n, link)
			}
			_ = w.Close()
		})
	})
	t.Run("refused", func(t *testing.T) {
		inBubble(t, except("CLIENT TRACKING OFF", "-ERR it goes on\r\n"), func(t *testing.T, f *fakeRedis, w *watch.Watch) {
			w.Follow("abcd", func(bool) {})
			time.Sleep(time.Second)
			w.Follow("abc", func(bool) {})
			time.Sleep(time.Second)
			if s := w.Stats(); s.Pushing || s.Polls == 0 {
				t.Errorf("%+v; want polls", s)
			}
			if text := f.log.String(); !strings.Contains(text, "level=INFO") || !strings.Contains(text, "it goes on") {
				t.Errorf("want the reason:\n%s", text)
			}
			_ = w.Close()
		})
	})
}
