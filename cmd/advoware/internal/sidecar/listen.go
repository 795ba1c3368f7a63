package sidecar

import (
	"fmt"
	"net"
)

// defaultAddr is where programs look for the proxy, if nothing else is said.
const defaultAddr = "127.0.0.1:8064"

// listen opens what is listened on, unless the process was started with it.
func (f *Flags) listen() ([]net.Listener, error) {
	if f.passed.proxy != nil {
		return f.passed.proxy, nil
	}
	addr := defaultAddr
	if f.Addr != nil {
		addr = *f.Addr
	}
	l, err := f.open(addr)
	if err != nil {
		return nil, fmt.Errorf("--addr %s: %w", addr, err)
	}
	return []net.Listener{l}, nil
}

// lines are what is printed once all is listened on.
func (f *Flags) lines(listeners []net.Listener) (text []byte) {
	scheme := "http://"
	if f.TLSCertFile != nil {
		scheme = "https://"
	}
	for _, l := range listeners {
		at := scheme + l.Addr().String() + "/"
		if l.Addr().Network() == "unix" {
			at = "unix:" + l.Addr().String()
		}
		text = append(text, "ADVOWARE_PROXY_URL="+at+"\n"...)
	}
	return text
}
