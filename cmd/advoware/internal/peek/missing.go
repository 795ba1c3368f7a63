package peek

import (
	"errors"
	"fmt"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// Missing says why a look at key found no token, nil if it found one.
func Missing(err error, key string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrUnusable):
		return fmt.Errorf("there is no token: what is in Redis under %s cannot be used: %w", key, err)
	case errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("there is no token in Redis under %s", key)
	case errors.Is(err, store.ErrIdentity):
		return err
	}
	return fmt.Errorf("%w: %w", token.ErrStore, err)
}
