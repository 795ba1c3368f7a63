package handover_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/internal/handover"
	"github.com/advoware-go/advoware/store/lease"
)

const most = 512

// refused reports whether a store keeps a failure for all with the same credentials.
func refused(f lease.Failure) bool { return f.Refused || f.Shared }

func TestLines(t *testing.T) {
	for line, f := range map[string]lease.Failure{
		"gateway: down":                         {Message: "gateway: down"},
		"gateway: no":                           {Refused: true, Message: "gateway: no"},
		"(not-enabled) gateway: no":             {Refused: true, Reason: "not-enabled", Message: "gateway: no"},
		"(clock) gateway: old":                  {Reason: "clock", Message: "gateway: old"},
		"(outage: not-connected) gateway: down": {Shared: true, Reason: "not-connected", Message: "gateway: down"},
		"(outage:) gateway: down":               {Shared: true, Message: "gateway: down"},
		"() (a) message":                        {Message: "(a) message"},
		"(outage: x2) ":                         {Shared: true, Reason: "x2"},
		"":                                      {Refused: true},
	} {
		if got := handover.Text(f, most); got != line {
			t.Errorf("%+v: %q, want %q", f, got, line)
		}
		if diff := cmp.Diff(f, handover.Failure(line, refused(f), most)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
}

// What a Fetch of another kind says, and what others put into the store, is bounded, and is
// message where it is no mark.
func TestLinesOfOthers(t *testing.T) {
	for line, want := range map[string]lease.Failure{
		"(not connected) x":                    {Refused: true, Message: "(not connected) x"},
		"(Not-Enabled) x":                      {Refused: true, Message: "(Not-Enabled) x"},
		"(":                                    {Refused: true, Message: "("},
		"()":                                   {Refused: true},
		"(a":                                   {Refused: true, Message: "(a"},
		"a) b":                                 {Refused: true, Message: "a) b"},
		"(of-a-later-release) x":               {Refused: true, Reason: "of-a-later-release", Message: "x"},
		"(later: a) x":                         {Refused: true, Message: "(later: a) x"},
		"(" + strings.Repeat("a", 33) + ") x":  {Refused: true, Message: "(" + strings.Repeat("a", 33) + ") x"},
		"\x00\xff\n(a)":                        {Refused: true, Message: "  (a)"},
		"(a)\r\n\x1b[31m":                      {Refused: true, Reason: "a", Message: "  [31m"},
		strings.Repeat("x", most+1):            {Refused: true, Message: strings.Repeat("x", most-3) + "…"},
		"(a) " + strings.Repeat("ü", most):     {Refused: true, Reason: "a", Message: strings.Repeat("ü", 252) + "…"},
		"(outage: not-connected" + "(outage:)": {Refused: true, Message: "(outage: not-connected(outage:)"},
	} {
		if diff := cmp.Diff(want, handover.Failure(line, true, most)); diff != "" {
			t.Errorf("%.60q (-want +got):\n%s", line, diff)
		}
	}
	if got := handover.Text(lease.Failure{Message: "\xcf(a) x"}, most); got != "() (a) x" {
		t.Errorf("a message that begins with what is left out: %q", got)
	}
	for _, bad := range []string{"Not-Connected", "a b", "a)", "ü", "\n", strings.Repeat("a", 33), "outage:"} {
		if got := handover.Text(lease.Failure{Reason: bad, Message: "x"}, most); got != "x" {
			t.Errorf("the reason %q is passed on: %q", bad, got)
		}
	}
}

func FuzzHandover(f *testing.F) {
	f.Add("not-connected", "(a) b", true, true)
	f.Add("", "(", false, true)
	f.Add("A", "\xcf(0)", true, true)
	f.Fuzz(func(t *testing.T, word, message string, isRefused, shared bool) {
		in := lease.Failure{Refused: isRefused, Shared: shared && !isRefused, Reason: word, Message: message}
		line := handover.Text(in, most)
		if len(line) > most || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n\x00") {
			t.Fatalf("%q", line)
		}
		out := handover.Failure(line, refused(in), most)
		if out.Refused != in.Refused || out.Shared != in.Shared || out.Reason != "" && out.Reason != word {
			t.Errorf("%+v became %q and %+v", in, line, out)
		}
		if again := handover.Failure(message, true, most); len(again.Reason) > 32 || len(again.Message) > most {
			t.Errorf("%q is read as %+v", message, again)
		}
	})
}
