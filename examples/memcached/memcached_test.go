package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/storetest"
	"github.com/advoware-go/advoware/store/tiered"
)

// server starts a Memcached of the test's own, which is reached by a socket.
func server(t testing.TB) (addr string, kill func()) {
	t.Helper()
	program, err := exec.LookPath("memcached")
	if err != nil {
		if os.Getenv("ADVOWARE_REQUIRE_PROGRAMS") != "" {
			t.Fatal("there is no memcached on PATH, and ADVOWARE_REQUIRE_PROGRAMS is set")
		}
		t.Skip("there is no memcached on PATH: apt-get install memcached")
	}
	dir, err := os.MkdirTemp("", "memcached") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	addr = filepath.Join(dir, "socket")
	args := []string{"-s", addr, "-a", "0600", "-m", "16", "-t", "1"}
	if os.Getuid() == 0 {
		args = append(args, "-u", "root")
	}
	var said bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(kill)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(10 * time.Second); ; <-again.C {
		conn, err := net.Dial("unix", addr)
		if err == nil {
			_ = conn.Close()
			return addr, kill
		}
		if time.Now().After(deadline) {
			kill()
			t.Fatalf("memcached does not answer: %v\n%s", err, said.String())
		}
	}
}

func open(t testing.TB, addr string) *Memcached {
	t.Helper()
	m := NewMemcached(addr)
	m.client.Timeout = 10 * time.Second // the machine may be busy
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// The suite is the proof: a store that passes it works with the rest of the library.
func TestMemcached(t *testing.T) {
	t.Parallel()
	addr, _ := server(t)
	storetest.Run(t, storetest.Config{New: func(t testing.TB) store.Store { return open(t, addr) }})
}

// So does the near store with it as the far one, as UseTiers puts them together.
func TestTiers(t *testing.T) {
	t.Parallel()
	addr, _ := server(t)
	storetest.Run(t, storetest.Config{New: func(t testing.TB) store.Store {
		near, err := memory.New(memory.Config{})
		if err != nil {
			t.Fatal(err)
		}
		both, err := tiered.New(tiered.Config{Near: near, Far: open(t, addr), FarName: "Memcached"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = errors.Join(both.Close(), near.Close()) })
		return both
	}})
}

func token(t testing.TB, text string) store.Token {
	t.Helper()
	tok, err := store.NewToken(text, time.Now(), time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// Many processes that write at once: the token of one stands, and all of them learn it.
func TestWritersAtOnce(t *testing.T) {
	t.Parallel()
	addr, _ := server(t)
	var all sync.WaitGroup
	stands := make([]store.Token, 16)
	for i := range stands {
		m, tok := open(t, addr), token(t, fmt.Sprint("token-", i))
		all.Go(func() {
			var err error
			if stands[i], err = m.CompareAndSwap(t.Context(), "key", store.Token{}, tok); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i, tok := range stands {
		if !tok.Equal(stands[0]) {
			t.Errorf("writer %d found %v, the first one %v", i, tok, stands[0])
		}
	}
}

// What is there has a TTL of Memcached's too, and what is no token is replaced.
func TestWhatIsThere(t *testing.T) {
	t.Parallel()
	addr, kill := server(t)
	m := open(t, addr)
	raw := memcache.New(addr)
	defer raw.Close()
	for _, text := range []string{"", "{", `{"token": "two words", "expiry": "2126-01-01T00:00:00Z"}`, "\x00"} {
		if err := raw.Set(&memcache.Item{Key: nameOf("key"), Value: []byte(text)}); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Get(t.Context(), "key"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", text, err)
		}
		want := token(t, "good")
		if got, err := m.CompareAndSwap(t.Context(), "key", store.Token{}, want); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	if ttl := ttlOf(t, addr, nameOf("key")); ttl < 3500 || ttl > 3601 {
		t.Errorf("its TTL is %d s", ttl)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Get(ctx, "key"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	kill()
	if _, err := m.Get(t.Context(), "key"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("without a server: %v", err)
	}
}

// ttlOf asks the server itself, in seconds.
func ttlOf(t *testing.T, addr, key string) int {
	t.Helper()
	conn, err := net.Dial("unix", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "mg %s t\r\n", key)
	answer := make([]byte, 100)
	n, err := conn.Read(answer)
	if err != nil {
		t.Fatal(err)
	}
	text := string(bytes.TrimSpace(answer[:n]))
	var seconds int
	if _, err := fmt.Sscanf(text, "HD t%d", &seconds); err != nil {
		t.Fatal(strconv.Quote(text), err)
	}
	return seconds
}
