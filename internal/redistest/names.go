package redistest

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// Names returns a resolver for which each name, with a dot at its end, leads to these
// addresses; it knows no others. It ends with the test.
func Names(t testing.TB, names map[string][]netip.Addr) *net.Resolver {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("redistest: %v", err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := answerTo(buf[:n], names); answer != nil {
				_, _ = pc.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", pc.LocalAddr().String())
	}}
}

// answerTo answers one question for addresses: https://www.rfc-editor.org/rfc/rfc1035
func answerTo(query []byte, names map[string][]netip.Addr) []byte {
	const header = 12
	if len(query) < header {
		return nil
	}
	var name strings.Builder
	at := header
	for at < len(query) && query[at] != 0 {
		end := at + 1 + int(query[at])
		if end >= len(query) {
			return nil
		}
		name.Write(query[at+1 : end])
		name.WriteByte('.')
		at = end
	}
	if at+5 > len(query) {
		return nil
	}
	kind := binary.BigEndian.Uint16(query[at+1:])
	question := query[header : at+5]
	addrs, known := names[strings.ToLower(name.String())]
	answer := append([]byte{}, query[:2]...)
	answer = append(answer, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0)
	if !known {
		answer[3] = 0x83 // no such name
	}
	answer = append(answer, question...)
	for _, addr := range addrs {
		const a, aaaa = 1, 28
		if kind == a && addr.Is4() || kind == aaaa && addr.Is6() {
			answer[7]++
			answer = append(answer, 0xc0, header, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(addr.BitLen()/8))
			answer = append(answer, addr.AsSlice()...)
		}
	}
	return answer
}
