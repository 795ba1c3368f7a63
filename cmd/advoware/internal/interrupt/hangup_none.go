//go:build js || wasip1

package interrupt

import "os"

// hangups are none: there are no terminals here.
func hangups() []os.Signal { return nil }
