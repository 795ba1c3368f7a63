package advoware

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store/sealed"
)

// A setting that another one makes void is refused, by both names: whoever set it
// relies on it. One that has its default says nothing, because FromEnv fills those in.
// Where Redis is (what the environment can say of it) is a fact, true for other
// programs too, and may stand beside stores that keep nothing there.

// void reports the settings that have no effect because of others.
func (c *Config) void() error {
	if c.Stores != nil {
		return c.voidByStores()
	}
	problems := []error{c.voidForStores()}
	if c.Store != Memory && len(c.SealKeys) > 0 && c.TokenKey == DefaultTokenKey {
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
	add(c.Store == Memory && len(c.SealKeys) > 0, "SealKeys has no effect with Store memory, which keeps nothing in Redis: set one of the two")
	add(c.Store == Memory && c.Redis.Client != nil, "Redis.Client is not used with Store memory: set one of the two")
	add(c.Store == Memory && c.Redis.TLSConfig != nil, "Redis.TLSConfig is not used with Store memory: set one of the two")
	add(c.Store == Redis && !sameFuncs(c.RedisHooks, Config{}.RedisHooks), "RedisHooks are not called with Store redis, where each call sees an outage itself: set one of the two")
	return errors.Join(problems...)
}

// voidByStores compares c with what its Stores were opened with. Times that c leaves to
// the default become theirs.
func (c *Config) voidByStores() error {
	if problem := c.Stores.problem(); problem != "" {
		return errors.New("Stores " + problem)
	}
	from, what := c.Stores.opened, "they were opened with another one"
	if from == nil {
		from, what = &Config{Store: c.Store, Redis: c.Redis}, "UseStore uses the store as it is"
		from.Redis.Client, from.Redis.TLSConfig = nil, nil
		if c.Store == Redis {
			from.Store = Tiered
		}
	}
	var problems []error
	add := func(bad bool, name string) {
		if bad {
			problems = append(problems, fmt.Errorf("%s has no effect with Stores: %s", name, what))
		}
	}
	add(c.Store != Tiered && c.Store != from.Store, "Store")
	add(len(c.SealKeys) > 0 && !slices.EqualFunc(c.SealKeys, from.SealKeys, sealed.Key.Equal), "SealKeys")
	add(!sameFuncs(c.RedisHooks, Config{}.RedisHooks) && !sameFuncs(c.RedisHooks, from.RedisHooks), "RedisHooks")
	for _, name := range differences(c.Redis, from.Redis) {
		add(true, "Redis."+name)
	}
	if c.Stores.opened != nil {
		for _, d := range []struct {
			name      string
			ours      *time.Duration
			def, open time.Duration
		}{
			{"TokenLifetime", &c.TokenLifetime, gateway.DefaultLifetime, from.TokenLifetime},
			{"TokenGuard", &c.TokenGuard, gateway.DefaultGuard, from.TokenGuard},
			{"TokenMargin", &c.TokenMargin, token.DefaultMargin, from.TokenMargin},
		} {
			add(*d.ours != d.def && *d.ours != d.open, d.name)
			*d.ours = d.open
		}
	}
	return errors.Join(problems...)
}

// differences names the fields in which a says something else than b does, and has not
// just its default.
func differences(a, b RedisConfig) []string {
	var names []string
	ours, theirs, defaults := reflect.ValueOf(a), reflect.ValueOf(b), reflect.ValueOf(RedisConfig{}.WithDefaults())
	for i := range ours.NumField() {
		a := ours.Field(i).Interface()
		if !sameSetting(a, defaults.Field(i).Interface()) && !sameSetting(a, theirs.Field(i).Interface()) {
			names = append(names, ours.Type().Field(i).Name)
		}
	}
	return names
}

// sameSetting compares fields of a RedisConfig: secrets and numbers behind pointers by
// what they say, everything else by ==.
func sameSetting(a, b any) bool {
	if t := reflect.TypeOf(a); t != nil && t != reflect.TypeOf(b) {
		return false
	}
	switch a := a.(type) {
	case interface{ Reveal() string }:
		return a.Reveal() == b.(interface{ Reveal() string }).Reveal()
	case *int:
		b := b.(*int)
		return a == b || a != nil && b != nil && *a == *b
	}
	return a == nil && b == nil || reflect.ValueOf(a).Comparable() && a == b
}

// sameFuncs compares structs of functions by their code, as far as Go can tell.
func sameFuncs[T any](a, b T) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if x.Field(i).Pointer() != y.Field(i).Pointer() {
			return false
		}
	}
	return true
}

// isNil reports whether an interface has a nil pointer or the like in it, which cannot
// be seen by comparing it with nil.
func isNil(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.Slice:
		return r.IsNil()
	}
	return false
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
		if f.value != nil && isNil(f.value) {
			bad = append(bad, f.name+" is a nil pointer: leave it nil, or set one that can be used")
		}
	}
	if c.Logger != nil && isNil(c.Logger.Handler()) {
		bad = append(bad, "Logger has no handler: leave it nil, or make it by slog.New")
	}
	if len(bad) == 0 {
		return nil
	}
	return errors.New(strings.Join(bad, "; "))
}
