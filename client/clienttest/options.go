package clienttest

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/advoware-go/advoware/client/clienttest/internal/gateway"
	"github.com/advoware-go/advoware/client/clienttest/internal/listener"
)

// Options says who may log in to a [Server] and how it behaves. Everything is
// optional; the zero value is the sandbox.
type Options struct {
	// AppID, APIKey (standard base64), Kanzlei, Database, User and Password are
	// what a token request must contain; an empty one means the value of the
	// sandbox, which is made up and public. A line end in one is an error, because
	// Env could not pass it on.
	AppID, APIKey, Kanzlei, Database, User, Password string

	// Product and Role belong to them; 0 means 64 and 2.
	Product, Role int

	// Lifetime is how long a token lives. 0 means 55 minutes; with a negative one
	// tokens have expired when they are issued.
	Lifetime time.Duration

	// TokenLatency and Latency are how long the token endpoint and the API wait
	// before they answer. 0 or less means not at all. What was asked for is done
	// when the request arrives; only the answer waits.
	TokenLatency, Latency time.Duration

	// Skew is the server's clock minus the real one. It shows in Date headers, in
	// the check of timestamps and in the end of tokens.
	Skew time.Duration

	// Start is what the server's clock reads when New returns; it goes on from there. The
	// dates of the sample data lie around it, so that with a Seed they are the same in each
	// run. The zero value means the real time. With both Start and Skew New fails.
	Start time.Time

	// TimestampWindow is how far a timestamp may be from the server's clock, either
	// way. 0 means 5 minutes; with a negative one, and with 0 and a Start, timestamps are
	// only parsed.
	TimestampWindow time.Duration

	// Strict takes only UUIDs of version 4 as nonces and only timestamps that end in Z,
	// which is what the vendor's documents show. Without it any nonce of 1 to 128 bytes
	// that was not used before is right, and a timestamp may have an offset (+0000,
	// +01:00), as programs in use send them. The last 10,000 nonces are remembered.
	Strict bool

	// Shape is how a token response tells the lifetime.
	Shape Shape

	// Rows is how many rows each large collection of the API has from the start:
	// appointments, tasks, parties and so on. 0 means 40, a negative number none, and a
	// million is the most. They are made while they are sent, so that they cost no memory.
	Rows int

	// Seed decides the names, dates and rowIds of these rows. Dates lie around the
	// server's clock at the first call. Each Kanzlei has data of its own.
	//
	// One that is not 0 decides the tokens too: the first is the same in each server with
	// that Seed and User, the second, and so on. With 0 tokens are random, so that a server
	// which was started again does not take those of the one before. X-Request-Id and the
	// numbers of what is created count up, whatever the Seed.
	Seed uint64

	// Addr is the "host:port" to listen on. The host must be a loopback address or
	// localhost; port 0 picks a free one. "" means 127.0.0.1:0. With InMemory it is
	// any name and port, and "" means 127.0.0.1:80: what is not loopback is reached only
	// by a client that is allowed plain http.
	Addr string

	// InMemory listens on a network in memory that only Client and Transport
	// reach. It works inside a testing/synctest bubble if New is called there.
	InMemory bool

	// Log gets a line for each request that was answered or dropped: the time, method,
	// path without its query, status (0 without an answer) and how long it took. Nil
	// means none. Writes do not overlap.
	Log io.Writer
}

func (o Options) withDefaults() Options {
	orText(&o.AppID, "sandbox-app")
	orText(&o.APIKey, sandboxKey)
	orText(&o.Kanzlei, "sandbox-kanzlei")
	orText(&o.Database, "SANDBOX-DATABASE")
	orText(&o.User, "sandbox-user")
	orText(&o.Password, "sandbox-password")
	if o.Addr == "" && o.InMemory {
		o.Addr = "127.0.0.1:80"
	}
	orText(&o.Addr, "127.0.0.1:0")
	if o.Product == 0 {
		o.Product = 64
	}
	if o.Role == 0 {
		o.Role = 2
	}
	if o.Lifetime == 0 {
		o.Lifetime = 55 * time.Minute
	}
	switch {
	case o.TimestampWindow != 0:
	case o.Start.IsZero():
		o.TimestampWindow = 5 * time.Minute
	default:
		o.TimestampWindow = -1 // the clients have another clock
	}
	return o
}

// sandboxKey is the base64 of "this is not a secret: the API key of the Advoware
// sandbox". It has no character that a shell would touch.
const sandboxKey = "dGhpcyBpcyBub3QgYSBzZWNyZXQ6IHRoZSBBUEkga2V5IG9mIHRoZSBBZHZvd2FyZSBzYW5kYm94"

func orText(field *string, def string) {
	if *field == "" {
		*field = def
	}
}

// check reports everything that is wrong with o, which has its defaults.
func (o Options) check() error {
	errs := []error{gateway.Identity(o.identity()).Check(), o.network().Check(o.Addr)}
	if !o.Start.IsZero() && (o.Skew != 0 || o.Start.Year() < 1990 || o.Start.Year() > 2199) {
		errs = append(errs, errors.New("clienttest: Start must be from 1990 to 2199, and have no Skew beside it"))
	}
	if !gateway.Shape(o.Shape).Known() {
		errs = append(errs, fmt.Errorf("clienttest: no Shape has the number %d", o.Shape))
	}
	return errors.Join(errs...)
}

// network makes the network to listen on.
func (o Options) network() listener.Network {
	if o.InMemory {
		return listener.InMemory()
	}
	return listener.Network{}
}

func (o Options) identity() Identity {
	return Identity{
		AppID: o.AppID, APIKey: o.APIKey, Kanzlei: o.Kanzlei, Database: o.Database,
		User: o.User, Password: o.Password, Product: o.Product, Role: o.Role,
	}
}
