package benchmarks

import (
	"context"
	"net/http"
	"time"

	"github.com/go-redis/cache/v9"
	goredis "github.com/redis/go-redis/v9"

	securitygateway "github.com/advoware-go/advoware/client/gateway"
	redisstore "github.com/advoware-go/advoware/store/redis"
)

// connect returns what a process of a fleet has that does without the library: the
// gateway, and Redis, connected before the start, as the library is.
func (o *fleetOrder) connect(base http.RoundTripper, redis *goredis.Options) (*securitygateway.Gateway, *goredis.Client, error) {
	gw, err := openGateway(o.TokenURL, marked{o.Member, base})
	if err != nil {
		return nil, nil, err
	}
	rdb := goredis.NewClient(redis)
	return gw, rdb, rdb.Ping(context.Background()).Err()
}

// httpLimit is how many connections a process has for token requests where each caller
// makes his own: as many as the Python service's aiohttp has, and no more than all
// processes together find ports for.
const httpLimit = 100

// openShared is for whoever shares a token through Redis without a lock.
func (o *fleetOrder) openShared(open func(*goredis.Client, issuing) getter) (getter, func(), error) {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxConnsPerHost, base.MaxIdleConnsPerHost = httpLimit, httpLimit
	gw, rdb, err := o.connect(base, patient(redisstore.Options(o.Redis)))
	if err != nil {
		return nil, nil, err
	}
	issue := func(ctx context.Context) (issued, error) {
		at := time.Now()
		tok, err := gw.Fetch(ctx)
		return issued{tok.Reveal(), at, tok.Expiry()}, err
	}
	return open(rdb, issue), func() { base.CloseIdleConnections(); _ = rdb.Close() }, nil
}

func sharedGoRedisCache(rdb *goredis.Client, issue issuing) getter {
	get := goRedisCache(issue, new(gateway).lifetime(), 1000, &cache.Options{Redis: rdb})
	return func(ctx context.Context) (string, error) { return get(ctx, tokenKey) }
}
