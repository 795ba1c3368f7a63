package conf_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/advoware-go/advoware/internal/conf"
)

func TestAllProblemsAreInOneError(t *testing.T) {
	cause, other := errors.New("cause"), errors.New("as it is")
	p := conf.New("x: ")
	p.Required("A", true)
	p.Required("B", false)
	p.NotNegative("C", -time.Nanosecond)
	p.NotNegative("D", 0)
	p.Made("E", (*url.URL)(nil))
	p.Made("F", new(url.URL))
	p.Made("G", nil)
	p.If(true, "%d%%: %w", 5, cause)
	p.If(false, "not said")
	p.Add(other)
	p.Add(nil)
	err := p.Err()
	want := []string{
		"x: A is required", "x: C must not be negative", "x: E is a nil pointer: set one that was made, or leave it nil", "x: 5%: cause", "as it is",
	}
	if err == nil || err.Error() != strings.Join(want, "\n") || !errors.Is(err, cause) || !errors.Is(err, other) {
		t.Errorf("got %v", err)
	}
}

func TestNoProblemIsNoError(t *testing.T) {
	p := conf.New("x: ")
	p.Required("A", false)
	p.Add(nil)
	if err := p.Err(); err != nil {
		t.Errorf("got %v", err)
	}
}
