package benchmarks

import (
	"context"
	"crypto/sha512"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/advoware-go/advoware/client/clienttest"
)

// What is compared must do the same work.

func TestSubjectsHitAfterOneRequest(t *testing.T) {
	for _, s := range slices.Concat(subjects(), floors) {
		t.Run(s.name, func(t *testing.T) {
			gw := new(gateway)
			get := s.open(t, gw)
			for i := range 3 {
				if text, err := get(context.Background()); err != nil || text != tokenText {
					t.Fatalf("call %d: got %q, %v; want the gateway's token", i+1, text, err)
				}
			}
			if n := gw.requests.Load(); n != 1 {
				t.Errorf("%d token requests for 3 calls; want 1", n)
			}
		})
	}
}

func TestSubjectsPassFailuresOn(t *testing.T) {
	for _, s := range subjects() {
		t.Run(s.name, func(t *testing.T) {
			get := s.open(t, &gateway{down: true})
			if text, err := get(context.Background()); !errors.Is(err, errDown) {
				t.Errorf("got %q, %v; want the gateway's error", text, err)
			}
		})
	}
}

func TestKeyedSubjectsLoadEachIdentityOnce(t *testing.T) {
	for _, s := range keyedSubjects {
		t.Run(s.name, func(t *testing.T) {
			gw := new(gateway)
			get := s.open(t, gw, 1000)
			for range 3 {
				for i := range 5 {
					if text, err := get(context.Background(), fmt.Sprint("key", i)); err != nil || text != tokenText {
						t.Fatalf("got %q, %v; want the gateway's token", text, err)
					}
				}
			}
			if n := gw.requests.Load(); n != 5 {
				t.Errorf("%d token requests for 5 identities; want 5", n)
			}
		})
	}
}

func TestFleetsMakeAsManyRequestsAsTheyMay(t *testing.T) {
	const processes, goroutines = 2, 5
	for _, lock := range locks {
		t.Run(lock, func(t *testing.T) {
			fleet := startFleet(t, lock, processes, goroutines, 20*time.Millisecond)
			defer fleet.stop()
			most := mostRequests(lock, processes, goroutines)
			least := 1
			if lock == "none" {
				least = most
			}
			for range 2 {
				round := fleet.round(time.Millisecond)
				if round.requests < least || round.requests > most {
					t.Errorf("%d token requests; want %d to %d", round.requests, least, most)
				}
				if asks := round.trips > 0; asks != (lock != "none") {
					t.Errorf("%d trips to Redis", round.trips)
				}
			}
		})
	}
}

func TestReadersAgree(t *testing.T) {
	addr := redisAddr(t)
	seedRedis(t, addr)
	for _, r := range readers {
		text, left, err := r.open(t, addr)(context.Background())
		// The library counts the 110 s in which the token is no longer shared.
		if err != nil || text != tokenText || left < 52*time.Minute || left > 55*time.Minute {
			t.Errorf("%s: got %q for %v, %v; want the gateway's token for 53 to 55 minutes", r.name, text, left, err)
		}
	}
}

func TestCallersAgree(t *testing.T) {
	api := startAPI(t, 3)
	want := must(callers[0].open(t, api.URL)(context.Background()))
	if len(want) != 3 {
		t.Fatalf("%s: got %d employees; want 3", callers[0].name, len(want))
	}
	for _, c := range callers[1:] {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.open(t, api.URL)(context.Background())
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}
		})
	}
}

// The fake checks every field of a token request, the signature included.
func TestFetchersAreBelieved(t *testing.T) {
	fake := clienttest.Start(t, clienttest.Options{
		AppID: signMessage.App, APIKey: signKey, Kanzlei: "Kanzlei", Database: "Datenbank", User: "api", Password: "password",
	})
	for _, f := range fetchers {
		if text, err := f.open(t, fake.TokenURL(), fake.Transport())(context.Background()); err != nil || text == "" {
			t.Errorf("%s: got %q, %v; want a token", f.name, text, err)
		}
	}
}

// recorder is a stub that keeps what it was sent.
type recorder struct{ sent http.Header }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.sent = req.Header
	return stub{}.RoundTrip(req)
}

func TestTransportsSendTheToken(t *testing.T) {
	for _, tr := range transports {
		t.Run(tr.name, func(t *testing.T) {
			base, req, gw := new(recorder), request(t), new(gateway)
			rt, before := tr.open(t, base, gw), req.Header.Clone()
			roundTrip(t, rt, req)
			roundTrip(t, rt, req)
			want := "Bearer " + tokenText
			if tr.name == "bare" {
				want = ""
			}
			if got := base.sent.Get("Authorization"); got != want {
				t.Errorf("sent Authorization %q; want %q", got, want)
			}
			for name := range before {
				if got, want := base.sent.Get(name), before.Get(name); got != want {
					t.Errorf("sent %s %q; want %q", name, got, want)
				}
			}
			if n := gw.requests.Load(); n > 1 {
				t.Errorf("%d token requests for 2 requests; want at most 1", n)
			}
			if !maps.EqualFunc(req.Header, before, slices.Equal) {
				t.Errorf("the caller's request has the headers %v now; want the %v it had", req.Header, before)
			}
		})
	}
}

func TestSignersAgree(t *testing.T) {
	// openssl dgst -sha512 -mac HMAC -macopt key:0123456789abcdef0123456789abcdef -binary | base64
	const want = "2pmiVs3mKP4Rj6hEbP4rPcyGzuHEO8yabHkW7C7NlJbbAO2PKpsZB5ZTVOogAvJNqYnXIreFlWN4Mu9efYolYA=="
	for _, s := range signers {
		if got := string(s.open(t)(nil, signMessage)); got != want {
			t.Errorf("%s: got %s; want %s", s.name, got, want)
		}
	}
}

func TestFloorIsTwoBlocks(t *testing.T) {
	// The message fits into one block with its padding, and the outer hash is one.
	if got, want := floorLen(signMessage)+17, 2*sha512.BlockSize; got != want {
		t.Errorf("the floor compresses %d bytes; want %d", got, want)
	}
}
