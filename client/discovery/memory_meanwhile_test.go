package discovery_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client/discovery"
)

// A process that gets no answer does not put what it knows in place of what another process
// learned: neither an address of before a move, nor that there is no answer.
func TestFailureReplacesNoAnswer(t *testing.T) {
	for name, fails := range map[string]func(t *testing.T, v *vendor, m *memory, old, other *discovery.Finder){
		"an address of before": func(t *testing.T, v *vendor, m *memory, old, other *discovery.Finder) {
			mustFind(t, old)
			mustFind(t, other)
			v.says(office("new.example"))
			wantAPI(t, other.Moved(t.Context(), other.Present()), "https://new.example/")
			time.Sleep(2 * time.Minute)
			v.fails()
			if _, err := old.Renew(t.Context()); err != nil {
				t.Error(err)
			}
		},
		"no answer": func(t *testing.T, v *vendor, m *memory, old, other *discovery.Finder) {
			v.says(office("new.example"))
			mustFind(t, other)
			m.fail(errors.New("down"), false)
			v.does(func(req *http.Request) (*http.Response, error) {
				m.fail(nil, false) // it is back by the time that the question has failed
				return nil, errors.New("no route")
			})
			if a := mustFind(t, old); !a.Fallback() {
				t.Error("an address from nowhere", a)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, m := saying(office("old.example")), new(memory)
				finder := func() *discovery.Finder {
					cfg := config(v)
					cfg.Memory = m
					return open(t, cfg)
				}
				fails(t, v, m, finder(), finder())
				synctest.Wait()
				wantAPI(t, mustFind(t, finder()), "https://new.example/")
			})
		})
	}
}
