package advoware

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/apitls"
	"github.com/advoware-go/advoware/internal/compare"
	"github.com/advoware-go/advoware/internal/isnil"
	"github.com/advoware-go/advoware/internal/origin"
	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/signer"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/memory"
	"github.com/advoware-go/advoware/store/redis/dial"
	"github.com/advoware-go/advoware/store/sealed"
	"github.com/advoware-go/advoware/store/tiered"
)

// StoreKind says where tokens are kept.
type StoreKind string

const (
	// StoreTiered keeps tokens in this process and in Redis. It is the default; a Redis
	// that is down is only noticed in the log.
	StoreTiered StoreKind = "tiered"
	// StoreMemory keeps tokens in this process. Each process fetches its own.
	StoreMemory StoreKind = "memory"
	// StoreRedis keeps tokens in Redis alone. Each call asks Redis, and fails without it.
	StoreRedis StoreKind = "redis"
)

// Discovery says whether the vendor is asked where a Kanzlei is reached.
type Discovery string

const (
	// DiscoveryAuto asks if neither BaseURL nor TokenURL says anything but its default. It is
	// the default. Without an answer the vendor's defaults serve, with one warning.
	DiscoveryAuto Discovery = "auto"
	// DiscoveryOn always asks. Without an answer, and without a remembered one, calls fail
	// with an error that matches discovery.ErrNoAddress. BaseURL then only names what
	// programs address their requests to, TokenURL the gateway that serves while the answer
	// names none, and one that may get the password wherever it is.
	DiscoveryOn Discovery = "on"
	// DiscoveryOff never asks.
	DiscoveryOff Discovery = "off"
)

// RedisConfig says how Redis is reached.
type RedisConfig = dial.Config

// redisField names a field of a RedisConfig.
func redisField(name string) string { return "Redis." + name }

// Margins are how long before its end a token is given up: Guard before it, nobody uses the
// token any more, and Margin before that, Redis forgets it.
type Margins = store.Margins

// DefaultTokenKey is where the token is kept, in Redis as well.
const DefaultTokenKey = "advoware_access_token"

// Config is everything that can be set. [FromEnv] makes one from the environment;
// change what you like and pass it to [New]. Printing it shows no secret.
type Config struct {
	// BaseURL is the API's, TokenURL the security gateway's token endpoint; empty
	// means the vendor's. Plain http is refused for anything but loopback, unless
	// AllowInsecure is set.
	BaseURL       string
	TokenURL      string
	AllowInsecure bool

	// APITLS says which certificate the API may have, and which one it is shown: for an
	// office's own server, whose certificate no authority has signed. The zero value means
	// that the system's authorities decide. With a Transport, and with a BaseURL that is
	// http, a field that is set is an error. It does not hold for the security gateway.
	APITLS client.TLS

	// Discovery says whether the vendor is asked where the Kanzlei is reached; empty means
	// DiscoveryAuto. DiscoveryURL is the service that is asked; empty means the vendor's.
	Discovery    Discovery
	DiscoveryURL string

	// ReadOnly refuses all calls but GET, HEAD and OPTIONS, before anything is sent, with
	// client.ErrReadOnly.
	ReadOnly bool

	// App, Key, Kanzlei, Database, User and Password are the credentials; required.
	App      string
	Key      signer.Key
	Kanzlei  string
	Database string
	User     string
	Password secret.String

	// Product and Role are numbers given by the vendor; 0 means 64 and 2.
	Product int
	Role    int

	// TokenLifetime is how long a token lives if the gateway does not say, and the
	// longest life that is believed; 0 means 55 minutes. Under 130 seconds, tokens
	// are too short-lived to be shared through Redis, unless TokenMargins are shorter.
	TokenLifetime time.Duration

	// TokenMargins is how long before its end a token is given up; zeros mean 10 and 110
	// seconds, which programs in other languages have.
	TokenMargins Margins

	// Timeout bounds a call; 0 means 30 seconds. A token request ends a little earlier, a
	// tenth of it and 3 s at most, so that a call which waits for a gateway that hangs can
	// tell so.
	Timeout time.Duration

	// MaxAnswer is how many bytes of a good answer a call holds in memory; 0 means 64 MiB,
	// negative means no bound. See client.Request for one call's own.
	MaxAnswer int64

	// TokenKey names the token in the stores; empty means DefaultTokenKey. Identities
	// that share a Redis need a key each.
	TokenKey string

	// SealKeys is a key ring by which tokens are encrypted in Redis: the first seals,
	// all of them open. None means that they are kept as they are, as programs in other
	// languages expect. Sealed tokens need a TokenKey other than DefaultTokenKey:
	// others could not read them, and would replace them for ever.
	SealKeys []sealed.Key

	// Store says where tokens are kept; empty means StoreTiered. Redis says how Redis is
	// reached. With StoreMemory nothing is kept in Redis: SealKeys, RedisHooks,
	// Redis.Client and Redis.TLSConfig are errors then, and the rest of Redis is not looked at.
	Store StoreKind
	Redis RedisConfig

	// NearCapacity is how many tokens this process keeps in memory, one for each identity; 0
	// means memory.DefaultCapacity, which is 100,000. In a full store a new one takes the place
	// of another, which is then read from Redis again, or fetched. Memory is taken as it fills.
	// With StoreRedis and with Lazy there is no such bound, and the field is an error.
	NearCapacity int

	// Shared are stores that are used instead of stores of the client's own, if they are
	// set, and stay open when the client is closed. They were opened with a Store, Redis, NearCapacity, SealKeys,
	// RedisHooks, TokenLifetime and TokenMargins: each of these that says
	// something else here, and has not just its default, is an error. With UseStore,
	// NearCapacity, SealKeys, RedisHooks, Redis.Client, Redis.TLSConfig and a Store that is StoreRedis are
	// errors, and the rest of Redis is not looked at.
	Shared *Stores

	// OneShot is for a process that makes a call or two and ends: it does not renew
	// tokens ahead, and connects to Redis when a call needs it.
	OneShot bool

	// Lazy is for a process whose CPU stands still between calls: a cloud function, a
	// container that is throttled or frozen. Between calls there is no goroutine, no timer and
	// no connection. The call that finds the token due renews it, and waits for that, a few
	// seconds at most, while others go on with the old one; an ended token is never used,
	// however long the process was suspended. What others do to the token in Redis is noticed
	// when it is due, or by a 401. Each request and each command of Redis has a connection
	// of its own, and Redis is waited for 250 ms at most, to connect included. Transport and
	// Redis.Client have the connections that they have. Shared stores must have been opened
	// with Lazy too, and a client on such stores is lazy.
	Lazy bool

	// Transport sends API and token requests, and asks where the Kanzlei is reached; nil means transports of our own. One that
	// repeats requests should not send token requests: each is signed for one use. It must
	// heed the contexts of requests, in the bodies of its answers too.
	Transport http.RoundTripper

	// WrapTransport, if it is set, returns what sends API requests in place of what would
	// send them: one that traces each attempt and passes it on, for one. It may change no
	// request and no answer, and must not repeat a request. Token requests and the questions
	// where the Kanzlei is reached are not its business.
	WrapTransport func(http.RoundTripper) http.RoundTripper

	// GatewayTransport sends token requests instead of Transport; nil means that Transport
	// sends them too, if there is one.
	GatewayTransport http.RoundTripper

	// Hooks tell of events in the life of the token; the zero value tells nobody.
	Hooks token.Hooks

	// RedisHooks tell of outages of Redis that calls do not see; the zero value tells
	// nobody. They belong to the stores: if Shared is set they must be those that they
	// were opened with, and with a Store that is not StoreTiered they are an error.
	RedisHooks tiered.Hooks

	// CallLevel is the level at which each call is logged, slog.LevelInfo for one; nil means
	// slog.LevelDebug.
	CallLevel slog.Leveler

	// Logger is used by all parts; nil means slog.Default(). Stores log where they were
	// opened to.
	Logger *slog.Logger
}

func (c *Config) setDefaults() {
	c.BaseURL = cmp.Or(c.BaseURL, client.DefaultBaseURL)
	c.TokenURL = cmp.Or(c.TokenURL, gateway.DefaultURL)
	c.Discovery = cmp.Or(c.Discovery, DiscoveryAuto)
	c.DiscoveryURL = cmp.Or(c.DiscoveryURL, discovery.DefaultURL)
	c.TokenLifetime = cmp.Or(c.TokenLifetime, store.DefaultLifetime)
	c.TokenMargins = c.TokenMargins.WithDefaults()
	c.Timeout = cmp.Or(c.Timeout, client.DefaultTimeout)
	c.TokenKey = cmp.Or(c.TokenKey, DefaultTokenKey)
	c.Product = cmp.Or(c.Product, gateway.DefaultProduct)
	c.Role = cmp.Or(c.Role, gateway.DefaultRole)
	c.Store = cmp.Or(c.Store, StoreTiered)
	c.Redis = c.Redis.WithDefaults()
	c.NearCapacity = cmp.Or(c.NearCapacity, memory.DefaultCapacity)
}

// check reports every problem that gateway.New does not see, in one error.
func (c *Config) check() error {
	var problems []error
	if _, err := origin.Parse(c.BaseURL, c.AllowInsecure); err != nil {
		problems = append(problems, fmt.Errorf("BaseURL %w", err))
	}
	if problem := keyProblem(c.TokenKey); problem != "" {
		problems = append(problems, errors.New("TokenKey "+problem))
	}
	if c.TokenKey == c.Password.Reveal() || c.TokenKey == c.Key.Reveal() {
		problems = append(problems, errors.New("TokenKey "+isSecret))
	}
	for _, d := range []struct {
		field string
		time.Duration
	}{{"TokenLifetime", c.TokenLifetime}, {"TokenMargins.Guard", c.TokenMargins.Guard}, {"TokenMargins.Margin", c.TokenMargins.Margin}} {
		if d.Duration < 0 {
			problems = append(problems, errors.New(d.field+" must not be negative"))
		}
	}
	problems = append(problems, c.checkDiscovery(), c.checkNil(), c.void(), c.checkAPITLS())
	if c.Shared == nil {
		problems = append(problems, c.checkStore())
	}
	return errors.Join(problems...)
}

// apiTLSField names a field of Config.APITLS.
func apiTLSField(name string) string { return "APITLS." + name }

func (c *Config) checkAPITLS() error {
	use := apitls.Use{Name: apiTLSField, BaseURL: c.BaseURL, BaseURLName: "BaseURL", Discovered: c.discovers()}
	if c.Transport != nil {
		use.Transport = "Transport"
	}
	return apitls.Config(c.APITLS).Check("", use)
}

// checkDiscovery reports what is wrong with the fields about discovery.
func (c *Config) checkDiscovery() error {
	var problems []error
	switch c.Discovery {
	case DiscoveryAuto, DiscoveryOn, DiscoveryOff:
	default:
		problems = append(problems, fmt.Errorf("Discovery is %q, not auto, on or off", c.Discovery))
	}
	if _, err := origin.Parse(c.DiscoveryURL, c.AllowInsecure); err != nil {
		problems = append(problems, fmt.Errorf("DiscoveryURL %w", err))
	}
	return errors.Join(problems...)
}

// discovers reports whether the vendor is asked.
func (c *Config) discovers() bool {
	return c.Discovery == DiscoveryOn ||
		c.Discovery == DiscoveryAuto && origin.SamePlace(c.BaseURL, client.DefaultBaseURL) && origin.SamePlace(c.TokenURL, gateway.DefaultURL)
}

// isSecret is said of a token key that is a password or a key.
const isSecret = "is the same as a secret, and it is not kept secret: write a name, such as " + DefaultTokenKey

// keyProblem says what keeps a name from being a token key, "" if nothing does.
func keyProblem(key string) string {
	for _, c := range []byte(key) {
		if c <= ' ' || c > '~' || c == '{' || c == '}' {
			return "must be visible ASCII without spaces and braces"
		}
	}
	if looksSecret(key) {
		return "looks like a key, and it is not kept secret: write a name, such as " + DefaultTokenKey
	}
	if strings.HasSuffix(key, "_timestamp") {
		return "must not end in _timestamp: that is where the time of another token is kept"
	}
	return ""
}

// looksSecret reports whether a text is rather a key in base64 than the name of one.
func looksSecret(text string) bool {
	key, err := base64.StdEncoding.DecodeString(text)
	return err == nil && len(key) >= 16 && strings.ContainsAny(text, "=+/")
}

func (c *Config) checkStore() error {
	var problems []error
	if c.NearCapacity < 0 || c.NearCapacity > memory.MaxCapacity {
		problems = append(problems, fmt.Errorf("NearCapacity is %d, must be 0 (for %d) to %d", c.NearCapacity, memory.DefaultCapacity, memory.MaxCapacity))
	}
	switch c.Store {
	case StoreMemory:
		return errors.Join(problems...)
	case StoreTiered, StoreRedis:
		for _, p := range c.Redis.Problems(redisField) {
			problems = append(problems, errors.New(redisField(p.Field)+" "+p.Text))
		}
		return errors.Join(problems...)
	}
	return fmt.Errorf("%s is %q, not tiered, memory or redis", "Store", c.Store)
}

// A setting that another one makes void is refused, by both names: whoever set it
// relies on it. One that has its default says nothing, because FromEnv fills those in.
// Where Redis is (what the environment can say of it) is a fact, true for other
// programs too, and may stand beside stores that keep nothing there.

// void reports the settings that have no effect because of others.
func (c *Config) void() error {
	if c.Shared != nil {
		return c.voidByStores()
	}
	problems := []error{c.voidForStores()}
	if c.Store != StoreMemory && len(c.SealKeys) > 0 && c.TokenKey == DefaultTokenKey {
		problems = append(problems, fmt.Errorf("TokenKey must not be %q with SealKeys: programs that do not seal use it", DefaultTokenKey))
	}
	return errors.Join(problems...)
}

// voidForStores is void for what stores are opened with.
func (c *Config) voidForStores() error {
	var problems []error
	add := func(bad bool, text string) {
		if bad {
			problems = append(problems, errors.New(text))
		}
	}
	add(c.NearCapacity != memory.DefaultCapacity && c.Store == StoreRedis, "NearCapacity has no effect with Store redis, which keeps nothing in this process: set one of the two")
	add(c.NearCapacity != memory.DefaultCapacity && c.Lazy, "NearCapacity has no effect with Lazy, whose near store has no bound: set one of the two")
	add(c.Store == StoreMemory && len(c.SealKeys) > 0, "SealKeys has no effect with Store memory, which keeps nothing in Redis: set one of the two")
	add(c.Store == StoreMemory && c.Redis.Client != nil, "Redis.Client is not used with Store memory: set one of the two")
	add(c.Store == StoreMemory && c.Redis.TLSConfig != nil, "Redis.TLSConfig is not used with Store memory: set one of the two")
	add(c.Store == StoreMemory && !compare.Funcs(c.RedisHooks, Config{}.RedisHooks), "RedisHooks are not called with Store memory, which has no Redis: set one of the two")
	add(c.Store == StoreRedis && !compare.Funcs(c.RedisHooks, Config{}.RedisHooks), "RedisHooks are not called with Store redis, where each call sees an outage itself: set one of the two")
	return errors.Join(problems...)
}

// checkNil reports what is there, and cannot be used all the same.
func (c *Config) checkNil() error {
	var bad []string
	for _, f := range []struct {
		name  string
		value any
	}{
		{"Transport", c.Transport}, {"GatewayTransport", c.GatewayTransport}, {"CallLevel", c.CallLevel}, {"Redis.Client", c.Redis.Client},
	} {
		if isnil.Pointer(f.value) {
			bad = append(bad, f.name+" is a nil pointer: leave it nil, or set one that can be used")
		}
	}
	if c.Logger != nil && isnil.Value(c.Logger.Handler()) {
		bad = append(bad, "Logger has no handler: leave it nil, or make it by slog.New")
	}
	if len(bad) == 0 {
		return nil
	}
	return errors.New(strings.Join(bad, "; "))
}
