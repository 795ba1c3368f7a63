package doctor_test

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/advoware-go/advoware/client/clienttest"
	"github.com/advoware-go/advoware/doctor"
	"github.com/advoware-go/advoware/internal/e2etest"
	"github.com/advoware-go/advoware/internal/redistest"
)

var update = flag.Bool("update", false, "write the outputs into docs/doctor.md")

const page = "../docs/doctor.md"

// What docs/doctor.md shows of a healthy and of a broken office is what the doctor prints, but for
// what differs from run to run; and each check has a row there.
func TestDocumentedOutput(t *testing.T) {
	healthy := startOffice(t, clienttest.Options{})
	broken := startOffice(t, clienttest.Options{Skew: 7 * time.Minute})
	broken.Inject(clienttest.Fault{Refusal: clienttest.NotEnabled, Times: -1})
	host, port, _ := strings.Cut(redistest.Start(t).Addr(), ":")
	whole := doctor.Options{Fetch: true, Endpoint: "/employees"}
	_ = healthy.look(t, whole, "REDIS_HOST="+host, "REDIS_PORT="+port) // from now on there is a token
	good := healthy.look(t, whole, "REDIS_HOST="+host, "REDIS_PORT="+port)
	bad := broken.look(t, doctor.Options{Fetch: true}, "ADVOWARE_DATABASE=mueller", "ADVOWARE_KANZLAI=Müller", "ADVOWARE_API_BASE_URL=http://127.0.0.1:"+e2etest.ClosedPort(t))
	if !good.OK || bad.OK {
		t.Fatalf("%s\n%s", good, bad)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	was := string(text)
	now := replace(t, replace(t, replace(t, was, "healthy", good.String()), "broken", bad.String()), "short", bad.Short())
	if *update {
		if err := os.WriteFile(page, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(steady(now), "\n"), strings.Split(steady(was), "\n")); diff != "" {
		t.Errorf("docs/doctor.md shows another output (-now +there): %s\ngo test ./doctor -run TestDocumentedOutput -update writes it", diff)
	}
	for _, c := range append(good.Checks, bad.Checks...) {
		if !strings.HasPrefix(c.Name, "ADVOWARE_") && !strings.Contains(was, "| "+c.Name+" |") {
			t.Errorf("docs/doctor.md has no row for %s: %s", c.Group, c.Name)
		}
	}
}

// replace puts an output into the block behind a mark.
func replace(t *testing.T, text, mark, output string) string {
	t.Helper()
	before, rest, found := strings.Cut(text, "<!-- "+mark+" -->\n```text\n")
	_, after, ends := strings.Cut(rest, "```\n")
	if !found || !ends {
		t.Fatalf("docs/doctor.md has no block %s", mark)
	}
	return before + "<!-- " + mark + " -->\n```text\n" + output + "```\n" + after
}

var changing = regexp.MustCompile(`127\.0\.0\.1:\d+|port \d+|\d{4}-\d\d-\d\dT[\d:]+Z?|\d[\d.hm]* ?(ms|µs|ns|s)\b|\b[0-9a-f]{8}\b|doctor:[A-Z0-9]+|Redis \d[\d.]*\d|\d+ (bytes|keys)` +
	`|(from|behind|ahead of) the gateway's|(?m:^  \w+ +(round trip|pushes): .*$)|(?m:^(advoware doctor: |\d).*\d skipped)`) // the load of this machine decides of the latter

// steady leaves out what differs from run to run.
func steady(text string) string { return changing.ReplaceAllString(text, "…") }
