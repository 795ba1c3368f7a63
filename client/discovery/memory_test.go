package discovery_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/secret"
)

const addressKey = "{token}:address"

// process returns what another process of the fleet has.
func process(v *vendor, m *memory) discovery.Config {
	cfg := config(v)
	cfg.Memory = m
	return cfg
}

func TestRestartAsksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(memory)
		v := saying(office("c.example:88"))
		mustFind(t, open(t, process(v, m)))
		other := saying(office("other.example"))
		time.Sleep(55*time.Minute - 1)
		a := mustFind(t, open(t, process(other, m)))
		wantAPI(t, a, "https://c.example:88/")
		wantAsked(t, other, 0)
		time.Sleep(time.Nanosecond)
		wantAPI(t, mustFind(t, open(t, process(other, m))), "https://other.example/")
		wantAsked(t, other, 1)
	})
}

func TestColdFleetAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, v := new(memory), new(vendor)
		v.does(slow(time.Second, office("c.example:88")))
		var wg sync.WaitGroup
		for range 32 {
			f := open(t, process(v, m))
			wg.Go(func() { wantAPI(t, mustFind(t, f), "https://c.example:88/") })
		}
		wg.Wait()
		wantAsked(t, v, 1)
	})
}

func TestProcessThatDiesWhileItAsksIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, v := new(memory), saying(office("c.example:88"))
		m.put(addressKey+":asking", "1", 4*time.Second)
		began := time.Now()
		wantAPI(t, mustFind(t, open(t, process(v, m))), "https://c.example:88/")
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("took %v", took)
		}
		wantAsked(t, v, 1)
	})
}

func TestFailureIsRememberedByAFleet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, v := new(memory), new(vendor)
		v.hangs()
		mustFind(t, open(t, process(v, m)))
		var fleet []*discovery.Finder
		for range 8 {
			f := open(t, process(v, m))
			began := time.Now()
			if a := mustFind(t, f); !a.Fallback() || time.Since(began) != 0 {
				t.Errorf("%v after %v", a, time.Since(began))
			}
			fleet = append(fleet, f)
		}
		wantAsked(t, v, 1)
		for range 9 * 6 {
			time.Sleep(10 * time.Second)
			for _, f := range fleet {
				f.Present()
			}
		}
		synctest.Wait()
		wantAsked(t, v, 1)
		for range 20 * 6 { // two more pauses: about one question each
			time.Sleep(10 * time.Second)
			for _, f := range fleet {
				f.Present()
			}
		}
		synctest.Wait()
		if n := v.asked.Load(); n < 2 || n > 5 {
			t.Errorf("asked %d times", n)
		}
		v.says(office("c.example"))
		for range 11 * 6 {
			time.Sleep(10 * time.Second)
			for _, f := range fleet {
				f.Present()
			}
		}
		synctest.Wait()
		for _, f := range fleet {
			wantAPI(t, f.Present(), "https://c.example/")
		}
		time.Sleep(time.Minute)
	})
}

func TestRequiredDoesNotTakeAFailureForAnAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, v := new(memory), new(vendor)
		v.fails()
		mustFind(t, open(t, process(v, m)))
		cfg := process(saying(office("c.example")), m)
		cfg.Required = true
		wantAPI(t, mustFind(t, open(t, cfg)), "https://c.example/")
		cfg = process(v, m) // what is remembered serves
		cfg.Required = true
		wantAPI(t, mustFind(t, open(t, cfg)), "https://c.example/")
	})
}

func TestWhatOthersWroteIsNotBelieved(t *testing.T) {
	m := new(memory)
	mustFind(t, open(t, process(saying(office("c.example:88")), m)))
	good := m.text(addressKey)
	elsewhere := func(change func(*discovery.Config)) string {
		m := new(memory)
		cfg := process(saying(office("evil.example")), m)
		change(&cfg)
		mustFind(t, open(t, cfg))
		for key, text := range m.texts {
			if strings.HasSuffix(key, ":address") {
				return text
			}
		}
		t.Fatal("nothing was kept")
		return ""
	}
	proof, _, _ := strings.Cut(strings.TrimPrefix(good, "1 "), " ")
	for name, text := range map[string]string{
		"plain":            `{"relayUrl":"https://evil.example/"}`,
		"no proof":         `1  {"relayUrl":"https://evil.example/"}`,
		"another's proof":  "1 " + proof + ` {"relayUrl":"https://evil.example/"}`,
		"more":             good + " ",
		"less":             good[:len(good)-1],
		"version":          "2" + good[1:],
		"one word":         "1",
		"failed":           "failed",
		"failed, no proof": "1 " + proof + " failed",
		"huge":             "1 " + proof + " " + strings.Repeat("x", 1<<20),
		"bytes":            "\x00\xff\xfe",
		"another secret":   elsewhere(func(c *discovery.Config) { c.Secret = secret.New("guess") }),
		"another office":   elsewhere(func(c *discovery.Config) { c.Kanzlei = "evil" }),
		"another service":  elsewhere(func(c *discovery.Config) { c.URL = "https://evil.example/" }),
		"another key":      elsewhere(func(c *discovery.Config) { c.Key = "evil" }),
	} {
		t.Run(name, func(t *testing.T) {
			m := new(memory)
			m.put(addressKey, text, time.Hour)
			v := saying(office("c.example:88"))
			wantAPI(t, mustFind(t, open(t, process(v, m))), "https://c.example:88/")
			wantAsked(t, v, 1)
			if m.text(addressKey) != good {
				t.Errorf("not mended: %s", m.text(addressKey))
			}
		})
	}
}

func TestTrustHoldsForWhatIsRemembered(t *testing.T) {
	m := new(memory)
	cfg := process(saying(`{"relayUrl":"http://c.example/","securityGateway":"https://tokens.example/"}`), m)
	cfg.AllowInsecure, cfg.TokenURL = true, "https://tokens.example/t"
	if a := mustFind(t, open(t, cfg)); a.Token.String() != "https://tokens.example/t" || a.API.Scheme != "http" {
		t.Fatal(a)
	}
	v := saying(office("c.example"))
	a := mustFind(t, open(t, process(v, m))) // a process with a stricter configuration
	if wantAPI(t, a, "https://c.example/"); a.Token.String() != defaultToken {
		t.Error(a.Token)
	}
	wantAsked(t, v, 1)
}

func TestMemoryThatFails(t *testing.T) {
	for name, hang := range map[string]bool{"refuses": false, "hangs": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := new(memory)
				m.fail(errors.New("down"), hang)
				cfg := process(saying(office("c.example")), m)
				cfg.Offices = new(discovery.Offices)
				began := time.Now()
				wantAPI(t, mustFind(t, open(t, cfg)), "https://c.example/")
				if took := time.Since(began); took > 250*time.Millisecond {
					t.Errorf("took %v", took)
				}
				cfg.Kanzlei = "another" // the same Redis: not tried again at once
				began = time.Now()
				wantAPI(t, mustFind(t, open(t, cfg)), "https://c.example/")
				if took := time.Since(began); took != 0 {
					t.Errorf("took %v", took)
				}
				time.Sleep(5 * time.Second)
				m.fail(nil, false)
				cfg.Kanzlei = "a third"
				mustFind(t, open(t, cfg))
				if m.text(addressKey) == "" {
					t.Error("it is not used again")
				}
			})
		})
	}
}

func TestMemoryThatPanics(t *testing.T) {
	cfg := config(saying(office("c.example")))
	cfg.Memory = broken{}
	wantAPI(t, mustFind(t, open(t, cfg)), "https://c.example/")
}

type broken struct{}

func (broken) Get(context.Context, string) (string, error)                { panic("get") }
func (broken) Set(context.Context, string, string, time.Duration) error   { panic("set") }
func (broken) Claim(context.Context, string, time.Duration) (bool, error) { panic("claim") }
