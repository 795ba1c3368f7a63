package reason_test

import (
	"errors"
	"fmt"

	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/reason"
)

// A program tells an office whose server is off from what somebody has to mend.
func Example() {
	// As it comes from a call, or from token.Source.Token.
	err := fmt.Errorf("calling: %w", &gateway.TokenError{Kind: gateway.Outage, Reason: reason.NotConnected})

	if errors.Is(err, gateway.ErrNotConnected) {
		fmt.Println("later")
	}
	if why, ok := errors.AsType[reason.Reason](err); ok {
		fmt.Println(why.String()+":", why.Advice())
	}
	// Output:
	// later
	// Kanzlei or database not connected: the server of the office is off or offline: ask the office; it is tried again by itself
}
