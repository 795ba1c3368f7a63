package discovery

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/advoware-go/advoware/internal/bounded"
	"github.com/advoware-go/advoware/internal/farwait"
)

// Memory keeps short texts for all processes of a fleet, each until its TTL is over. An
// error counts as nothing remembered. A call waits for it no longer than for a far store,
// 250 ms in all, and after a failure it is left alone for five seconds.
type Memory interface {
	// Get returns the text under key, "" if there is none. One longer than 4 KiB may be cut.
	Get(ctx context.Context, key string) (string, error)
	// Set puts a text under key.
	Set(ctx context.Context, key, text string, ttl time.Duration) error
	// Claim puts something under key if nothing is there, and reports whether it did.
	Claim(ctx context.Context, key string, ttl time.Duration) (bool, error)
}

const (
	memoryRest = 5 * time.Second // after a failure of Memory
	writeBound = 5 * time.Second // of a write that nobody waits for any more
	maxNote    = 4096
	noteFailed = "failed" // in place of an answer: the vendor did not answer
)

// The keys beside the token's, in its slot of a Cluster.
func (f *Finder) addressKey() string { return "{" + f.cfg.Key + "}:address" }
func (f *Finder) askingKey() string  { return f.addressKey() + ":asking" }
func (f *Finder) movedKey() string   { return f.addressKey() + ":moved" }

// note is what Memory holds: an answer, or that there was none.
type note struct {
	addresses *Addresses
	failed    bool
}

// seal returns a text with the proof that it comes from somebody who knows Secret, and is
// meant for this office and this service.
func (f *Finder) seal(text string) string { return "1 " + f.proof(text) + " " + text }

func (f *Finder) proof(text string) string {
	mac := hmac.New(sha256.New, []byte(f.cfg.Secret.Reveal()))
	for _, part := range []string{"address", f.url.String(), f.cfg.Kanzlei, f.cfg.Key, text} {
		fmt.Fprintf(mac, "%d:%s,", len(part), part) // lengths, so that no two lists make one text
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// opened returns what a text from Memory says, if it can be believed.
func (f *Finder) opened(text string) (n note, ok bool) {
	version, rest, _ := strings.Cut(text, " ")
	proof, said, found := strings.Cut(rest, " ")
	if !found || version != "1" || len(text) > maxNote || !hmac.Equal([]byte(proof), []byte(f.proof(said))) {
		return note{}, false
	}
	if said == noteFailed {
		return note{failed: true}, true
	}
	a, _, err := f.read([]byte(said)) // as strictly as what the vendor says
	return note{addresses: a}, err == nil
}

// written returns addresses in the form in which the vendor says them.
func written(a *Addresses) string {
	gateway := *a.Token
	gateway.Path, gateway.RawPath = "/", ""
	text, _ := json.Marshal(map[string]string{"relayUrl": a.API.String(), "securityGateway": gateway.String()})
	return string(text)
}

// recall returns what Memory has.
func (f *Finder) recall(ctx context.Context) (n note, ok bool) {
	text, ok := remembered(ctx, f, func(ctx context.Context) (string, error) { return f.cfg.Memory.Get(ctx, f.addressKey()) })
	if !ok || text == "" {
		return note{}, false
	}
	return f.opened(text)
}

// claim reports whether this process is the one of the fleet that asks. Without a Memory
// that works each is.
func (f *Finder) claim(ctx context.Context, key string, ttl time.Duration) bool {
	claimed, ok := remembered(ctx, f, func(ctx context.Context) (bool, error) { return f.cfg.Memory.Claim(ctx, key, ttl) })
	return claimed || !ok
}

// remembered asks Memory, for as long as the call that ctx is of may wait for it.
func remembered[T any](ctx context.Context, f *Finder, do func(context.Context) (T, error)) (v T, ok bool) {
	if f.cfg.Memory == nil || f.cfg.Offices.resting() {
		return v, false
	}
	left := farwait.Left(ctx, farwait.Default)
	if left <= 0 { // something has used it up: Memory is as slow
		f.cfg.Offices.rest()
		return v, false
	}
	began := time.Now()
	bound, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	v, err := bounded.Do(bound, do)
	farwait.Spend(ctx, time.Since(began))
	if err != nil {
		f.cfg.Offices.rest()
		f.cfg.Logger.DebugContext(ctx, "the memory of addresses failed", "error", err)
	}
	return v, err == nil
}

// keep puts an answer of the vendor into Memory.
func (f *Finder) keep(ctx context.Context, text string, ttl time.Duration) {
	f.write(ctx, func(ctx context.Context) error { return f.cfg.Memory.Set(ctx, f.addressKey(), f.seal(text), ttl) })
}

// keepMeanwhile puts into Memory what serves without an answer. Another address there is
// what the vendor has answered a process that reached it, perhaps after this one asked.
func (f *Finder) keepMeanwhile(ctx context.Context, text string, ttl time.Duration) {
	f.write(ctx, func(ctx context.Context) error {
		there, err := f.cfg.Memory.Get(ctx, f.addressKey())
		if err != nil {
			return err
		}
		if n, ok := f.opened(there); ok && n.addresses != nil && written(n.addresses) != text {
			return nil
		}
		return f.cfg.Memory.Set(ctx, f.addressKey(), f.seal(text), ttl)
	})
}

// write is waited for, so that others find it who find the token that comes next, but no
// longer than a call may wait; then it goes on.
func (f *Finder) write(ctx context.Context, do func(context.Context) error) {
	if f.cfg.Memory == nil {
		return
	}
	life := f.office.context()
	done := bounded.Go(func() (struct{}, error) {
		ctx, cancel := context.WithTimeout(life, writeBound)
		defer cancel()
		return bounded.Do(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	})
	left := farwait.Left(ctx, farwait.Default)
	if left <= 0 || f.cfg.Offices.resting() {
		return
	}
	began := time.Now()
	late := time.NewTimer(left)
	defer late.Stop()
	select {
	case r := <-done:
		if r.Err != nil {
			f.cfg.Offices.rest()
			f.cfg.Logger.DebugContext(ctx, "the memory of addresses failed", "error", r.Err)
		}
	case <-late.C:
		f.cfg.Offices.rest()
	}
	farwait.Spend(ctx, time.Since(began))
}
