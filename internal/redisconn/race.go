package redisconn

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"
)

const (
	// stagger is the head start that an address has over the next one.
	stagger = 50 * time.Millisecond
	// maxAddresses is how many addresses of one name are tried.
	maxAddresses = 16
)

// connect makes the connection of an attempt.
func (d *Dialer) connect(ctx context.Context, a *attempt) (*conn, error) {
	network, addr := a.target.network, a.target.addr
	if strings.HasPrefix(network, "unix") {
		a.at("waits for the socket")
		raw, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return d.secured(ctx, a, raw, "", 0)
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if host == "" || host == "?" { // https://redis.io/docs/latest/commands/cluster-slots/
		d.mu.Lock()
		host = d.host
		d.mu.Unlock()
	}
	a.at("looks up " + host)
	addrs, err := d.lookUp(ctx, network, host, port)
	if err != nil {
		return nil, err
	}
	a.at("waits for " + list(addrs))
	began := time.Now()
	raw, err := race(ctx, addrs)
	if err != nil {
		return nil, err
	}
	return d.secured(ctx, a, raw, host, time.Since(began))
}

// lookUp returns the addresses of a host that are permitted, in the order in which they
// are to be tried.
func (d *Dialer) lookUp(ctx context.Context, network, host, port string) ([]netip.AddrPort, error) {
	number, err := net.DefaultResolver.LookupPort(ctx, network, port)
	if err != nil {
		return nil, err
	}
	ips, err := d.cfg.Lookup(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var addrs []netip.AddrPort
	var refused error
	for _, ip := range alternating(ips) {
		addr := netip.AddrPortFrom(ip.Unmap(), uint16(number))
		if d.cfg.Permit != nil {
			if err := d.cfg.Permit(host, addr); err != nil {
				refused = err
				continue
			}
		}
		if len(addrs) < maxAddresses {
			addrs = append(addrs, addr)
		}
	}
	if len(addrs) == 0 {
		if refused == nil {
			refused = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
		}
		return nil, refused
	}
	return addrs, nil
}

// alternating returns the addresses of the two families in turn, beginning with that of the
// first one, in the given order within each.
func alternating(ips []netip.Addr) []netip.Addr {
	var same, other, mixed []netip.Addr
	for _, ip := range ips {
		if ip.Unmap().Is4() == ips[0].Unmap().Is4() {
			same = append(same, ip)
		} else {
			other = append(other, ip)
		}
	}
	for len(same) > 0 || len(other) > 0 {
		mixed = append(mixed, same[:min(1, len(same))]...)
		mixed = append(mixed, other[:min(1, len(other))]...)
		same, other = same[min(1, len(same)):], other[min(1, len(other)):]
	}
	return mixed
}

// race returns the first connection that is made. An address is dialled when the one before
// it has failed, or has not answered within stagger.
func race(ctx context.Context, addrs []netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		conn net.Conn
		err  error
	}
	results := make(chan result)
	begun, over := 0, 0
	begin := func() {
		addr := addrs[begun].String()
		begun++
		go func() {
			c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
			select {
			case results <- result{c, err}:
			case <-ctx.Done():
				if c != nil {
					_ = c.Close()
				}
			}
		}()
	}
	next := time.NewTicker(stagger)
	defer next.Stop()
	begin()
	var failed []error
	for {
		var tick <-chan time.Time
		if begun < len(addrs) {
			tick = next.C
		}
		select {
		case <-tick:
			begin()
		case r := <-results:
			if r.err == nil {
				return r.conn, nil
			}
			failed = append(failed, r.err)
			if over++; over == len(addrs) {
				return nil, oneLine(failed)
			}
			if begun < len(addrs) {
				begin()
				next.Reset(stagger)
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// oneLine joins errors without line ends.
func oneLine(errs []error) error {
	joined := errs[0]
	for _, err := range errs[1:] {
		joined = fmt.Errorf("%w; %w", joined, err)
	}
	return joined
}

func list(addrs []netip.AddrPort) string {
	var texts []string
	for _, addr := range addrs {
		texts = append(texts, addr.String())
	}
	return strings.Join(texts, ", ")
}
