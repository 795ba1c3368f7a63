package tiered_test

import (
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/store"
)

func TestHooksTellTheBeginningAndTheEndOfAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := build(t)
		holds(t, "tiered", r, "")
		r.far.set(errDown, 0)
		for range 20 {
			_, _ = r.Get(t.Context(), key)
			time.Sleep(time.Second)
		}
		r.far.set(nil, 0)
		swap(t, r, store.Token{}, newToken(t, "a", time.Hour))
		time.Sleep(time.Minute)
		r.far.set(errDown, 0)
		_, _ = r.Reread(t.Context(), key)
		synctest.Wait()
		want := []string{"down: " + errDown.Error(), "up", "down: " + errDown.Error()}
		if !reflect.DeepEqual(r.told, want) {
			t.Errorf("got %q, want %q", r.told, want)
		}
	})
}
