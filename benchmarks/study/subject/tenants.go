package subject

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/advoware-go/advoware"
)

// Spread says which tenants are called.
type Spread string

const (
	// Zipf calls some often and most of them rarely, as offices large and small do.
	Zipf Spread = "zipf"
	// Even calls each as often as any other.
	Even Spread = "even"
)

// turns says whose turn it is: the same in each run.
type turns struct {
	order []int32
	taken atomic.Uint64
}

// Tenant is the name of the Kanzlei of a tenant.
func Tenant(i int) string { return fmt.Sprintf("Kanzlei %05d", i) }

// openTenants opens clients for n Kanzleien on the same stores: those of door, if it shares some.
func (s *Subject) openTenants(door advoware.Config, n int) error {
	if door.Shared == nil {
		stores, err := advoware.OpenStores(door)
		if err != nil {
			return err
		}
		door.Shared, s.closeStore = stores, stores.Close
	}
	for i := range n {
		door.Kanzlei, door.TokenKey = Tenant(i), fmt.Sprintf("kanzlei_%05d_access_token", i)
		c, err := advoware.New(door)
		if err != nil {
			return err
		}
		s.clients = append(s.clients, c)
	}
	return nil
}

// FetchAll requests a new token for each client, some at a time. Before each it calls ready. Where
// a store is late, as on a machine that has other things to do, a client asks again a few times. The
// tokens do not count as used.
func (s *Subject) FetchAll(ctx context.Context, ready func()) error {
	some, ctx := errgroup.WithContext(ctx)
	some.SetLimit(8)
	for _, c := range s.clients {
		some.Go(func() error {
			return untilDone(ctx, 1, func() error {
				ready()
				_, err := c.Source().Refresh(ctx)
				return err
			})
		})
	}
	return some.Wait()
}

// orderOf returns whose turns there are, of n tenants.
func orderOf(s Spread, n int) []int32 {
	random := rand.New(rand.NewPCG(1, 2))
	if s != Zipf || n == 1 {
		return even(random, n)
	}
	const exponent, some = 1.1, 1 << 18 // more than are called in most runs; then they begin anew
	draw, order := rand.NewZipf(random, exponent, 1, uint64(n-1)), make([]int32, some)
	for i := range order {
		order[i] = int32(draw.Uint64())
	}
	return order
}

// even returns each of n once, in no order.
func even(random *rand.Rand, n int) []int32 {
	order := make([]int32, n)
	for i, j := range random.Perm(n) {
		order[i] = int32(j)
	}
	return order
}

func (t *turns) next() int32 { return t.order[(t.taken.Add(1)-1)%uint64(len(t.order))] }
