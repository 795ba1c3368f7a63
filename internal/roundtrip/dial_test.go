package roundtrip_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/internal/roundtrip"
)

// What a name of this machine stands for is seen before it is dialled.
func TestThisMachineIsDialledHere(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:80": true, "127.8.9.10:80": true, "[::1]:80": true, "[::ffff:127.0.0.1]:80": true, "[::1%lo]:80": true,
		"192.0.2.1:80": false, "[2001:db8::1]:80": false, "0.0.0.0:80": false, "[::]:80": false, "[::ffff:192.0.2.1]:80": false,
		"localhost:80": false, "": false, "127.0.0.1": false, "pipe": false,
	} {
		err := roundtrip.RefuseOthers("tcp", addr, nil)
		if (err == nil) != want || !want && !errors.Is(err, origin.ErrInsecure) {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// resolver stands for all names, and looks each one up at these addresses.
func resolver(t *testing.T, addrs ...string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			for {
				var size [2]byte
				if _, err := io.ReadFull(far, size[:]); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(far, query); err != nil {
					return
				}
				if _, err := far.Write(resolved(query, addrs)); err != nil {
					return
				}
			}
		}()
		return near, nil
	}}
}

// resolved is the answer of a name server (RFC 1035), with its length before it.
func resolved(query []byte, addrs []string) []byte {
	end := 12
	for query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 5
	kind := binary.BigEndian.Uint16(query[end-4:])
	answer := append([]byte(nil), query[:end]...)
	copy(answer[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	for _, a := range addrs {
		addr := netip.MustParseAddr(a)
		if addr.Is4() != (kind == 1) || kind != 1 && kind != 28 {
			continue
		}
		answer[7]++
		answer = append(answer, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 60, 0, byte(addr.BitLen()/8))
		answer = append(answer, addr.AsSlice()...)
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)
}

// A name of this machine that leads to another one is refused before anything is sent
// there, whatever else it leads to.
func TestLocalhostThatIsElsewhere(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	for name, tt := range map[string]struct {
		addrs []string
		works bool
	}{
		"here":               {[]string{"127.0.0.1"}, true},
		"elsewhere":          {[]string{"192.0.2.1"}, false},
		"elsewhere, IPv6":    {[]string{"2001:db8::1"}, false},
		"elsewhere and here": {[]string{"192.0.2.1", "127.0.0.1"}, true},
		"both, IPv6":         {[]string{"2001:db8::1", "127.0.0.1"}, true},
		"unspecified":        {[]string{"0.0.0.0"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			defer roundtrip.Resolve(resolver(t, tt.addrs...))()
			rt := roundtrip.New(roundtrip.Options{})
			defer rt.CloseIdleConnections()
			// No table of hosts has this name, unlike localhost itself.
			req, _ := http.NewRequestWithContext(t.Context(), "GET", "http://a.localhost:"+port, nil)
			resp, err := roundtrip.Exchange(rt, req)
			if err == nil {
				_ = resp.Body.Close()
			}
			if (err == nil) != tt.works || err != nil && !errors.Is(err, origin.ErrInsecure) {
				t.Errorf("%v", err)
			}
		})
	}
}

// Many who share a Pool have few Transports.
func TestPool(t *testing.T) {
	var p roundtrip.Pool
	all := make(map[*roundtrip.Transport]bool)
	for range 100 {
		for _, insecure := range []bool{false, true} {
			for _, once := range []bool{false, true} {
				all[p.Get(roundtrip.Options{AllowInsecure: insecure, Once: once})] = true
			}
		}
	}
	if len(all) != 4 {
		t.Errorf("%d Transports, want one for each kind", len(all))
	}
	p.CloseIdleConnections()
}
