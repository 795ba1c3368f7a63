package answer

import (
	"strings"

	"github.com/advoware-go/advoware/internal/number"
	"github.com/advoware-go/advoware/store"
)

// Losses reads from the reply of INFO how many keys the server has evicted.
func Losses(info string) store.Losses {
	_, rest, found := strings.Cut(info, "\nevicted_keys:")
	digits, _, _ := strings.Cut(rest, "\r")
	n, ok := number.Parse(strings.TrimSuffix(digits, "\n"))
	if !found || !ok || n < 0 {
		return store.UnknownLosses
	}
	return store.Losses(n)
}
