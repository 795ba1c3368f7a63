package redact_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/advoware-go/advoware/internal/redact"
)

// Two names that are the same without the secret are one, with the values of both; what is
// added to one value does not show in another.
func TestHeaderNamesThatBecomeTheSame(t *testing.T) {
	got := redact.New("swordfish").Header(http.Header{"X-swordfish": {"1", "2"}, "X-SWORDFISH": {"3"}, "A": {"4"}, "B": {"5"}})
	values := slices.Sorted(slices.Values(got["X-[redacted]"]))
	if !slices.Equal(values, []string{"1", "2", "3"}) || len(got) != 3 {
		t.Errorf("got %v", got)
	}
	_, _ = append(got["A"], "x"), append(got["B"], "x")
	if !slices.Equal(got["A"], []string{"4"}) || !slices.Equal(got["B"], []string{"5"}) {
		t.Errorf("after appending: %v", got)
	}
}

// A name that becomes the same as another one keeps the values of both, in whatever order they are
// looked at.
func TestHeaderNameThatIsAMark(t *testing.T) {
	for range 50 {
		got := redact.New("swordfish").Header(http.Header{"X-swordfish": {"one"}, "X-[redacted]": {"two swordfish"}})
		values := slices.Sorted(slices.Values(got["X-[redacted]"]))
		if !slices.Equal(values, []string{"one", "two [redacted]"}) {
			t.Fatalf("got %v", got)
		}
	}
}
