package chaos_test

import (
	"encoding/binary"
	"net"
	"sync/atomic"
	"testing"
)

// names is a server of names on loopback, for which all names have one address.
type names struct {
	conn    net.PacketConn
	addr    atomic.Pointer[net.IP]
	answers atomic.Int64 // since the address was set
}

// serveNames starts a server of names.
func serveNames(t *testing.T, addr string) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &names{conn: conn}
	n.set(addr)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 512)
		for {
			size, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := n.answer(buf[:size]); answer != nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return n
}

// set gives the names another address. Nobody may remember the one before.
func (n *names) set(addr string) {
	ip := net.ParseIP(addr).To4()
	n.addr.Store(&ip)
	n.answers.Store(0)
}

const (
	headerLen = 12
	typeA     = 1
	classIN   = 1
	isAnswer  = 0x8580 // and from where the name is kept, all asked for as far as we can
)

// answer returns the answer to a query with one question, nil if it is none; see RFC 1035,
// section 4.
func (n *names) answer(query []byte) []byte {
	if len(query) < headerLen || binary.BigEndian.Uint16(query[4:]) != 1 {
		return nil
	}
	end := headerLen
	for end < len(query) && query[end] != 0 {
		end += 1 + int(query[end])
	}
	if end += 5; end > len(query) {
		return nil
	}
	question := query[headerLen:end]
	kind := binary.BigEndian.Uint16(question[len(question)-4:])
	header := binary.BigEndian.AppendUint16(append([]byte(nil), query[:2]...), isAnswer)
	has := uint16(0)
	if kind == typeA {
		has = 1
	}
	for _, count := range []uint16{1, has, 0, 0} {
		header = binary.BigEndian.AppendUint16(header, count)
	}
	answer := append(header, question...)
	if kind != typeA {
		return answer
	}
	n.answers.Add(1)
	answer = append(answer, 0xc0, headerLen) // the name of the question
	answer = binary.BigEndian.AppendUint16(answer, typeA)
	answer = binary.BigEndian.AppendUint16(answer, classIN)
	answer = binary.BigEndian.AppendUint32(answer, 0) // seconds to keep it
	answer = binary.BigEndian.AppendUint16(answer, 4)
	return append(answer, *n.addr.Load()...)
}
