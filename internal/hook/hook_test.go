package hook_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/internal/hook"
)

type key struct{}

func TestContext(t *testing.T) {
	t.Parallel()
	ctx := context.WithValue(t.Context(), key{}, "before")
	for name, tt := range map[string]struct {
		hook func(context.Context) context.Context
		want string
	}{
		"none": {nil, "before"},
		"nil":  {func(context.Context) context.Context { return nil }, "before"},
		"made": {func(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, "after") }, "after"},
	} {
		if got := hook.Context(tt.hook, ctx).Value(key{}); got != tt.want {
			t.Errorf("%s: %v, want %q", name, got, tt.want)
		}
	}
}

func TestHookThatHangsIsNotWaitedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		slow := func(ctx context.Context) context.Context {
			time.Sleep(time.Hour)
			return context.WithValue(ctx, key{}, "late")
		}
		if got := hook.Context(slow, t.Context()); got != t.Context() || time.Since(began) != hook.Patience {
			t.Errorf("%v after %v", got, time.Since(began))
		}
		hook.Call(func(d time.Duration) { time.Sleep(d) }, time.Hour)
		if time.Since(began) != 2*hook.Patience {
			t.Errorf("back after %v", time.Since(began))
		}
		time.Sleep(time.Hour) // until both have ended
	})
}

func TestPanicIsTheCallers(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() != "mine" {
			t.Error("the panic did not get through")
		}
	}()
	hook.Call(func(what string) { panic(what) }, "mine")
}
