package redissaid_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/advoware-go/advoware/internal/redissaid"
)

// The last words of a server that closes the connection are no reply, and may repeat a token.
func TestHideInTheReasonOfAClosedConnection(t *testing.T) {
	const token = "eyJhbGciOi.0123456789"
	met := &net.OpError{Op: "write", Net: "unix", Err: io.ErrClosedPipe}
	err := redissaid.Hide(fmt.Errorf("store/redis: %s (%w)", token, met), "", token)
	var op *net.OpError
	if strings.Contains(fmt.Sprintf("%v %+v %q", err, err, err), token) || !strings.Contains(err.Error(), "closed pipe") {
		t.Errorf("got %v", err)
	}
	if !errors.Is(err, io.ErrClosedPipe) || !errors.As(err, &op) || op != met {
		t.Errorf("%v does not match what was met", err)
	}
	if plain := error(met); redissaid.Hide(plain, token) != plain || redissaid.Hide(nil, token) != nil {
		t.Error("an error without a token was replaced")
	}
}

// Of a token that begins with another one nothing is shown.
func TestHideTokensThatBeginAlike(t *testing.T) {
	err := redissaid.Hide(errors.New("no: token-1-and-more"), "token-1", "token-1-and-more")
	if got, want := err.Error(), "no: [redacted]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
