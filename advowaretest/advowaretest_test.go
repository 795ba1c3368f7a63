package advowaretest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/advowaretest"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/clienttest"
)

// A test of a program of a user.
func TestOfAUser(t *testing.T) {
	t.Setenv("ADVOWARE_USER", "somebody else") // nothing of it counts
	c, fake := advowaretest.Client(t, clienttest.Options{})
	for range 2 {
		if list, err := client.Get[[]struct{ ID int }](t.Context(), c, "/employees", nil); err != nil || len(list) == 0 {
			t.Errorf("%v, %v", list, err)
		}
	}
	if n := fake.Counts(); n.TokenRequests != 1 || n.APICalls != 2 {
		t.Errorf("%+v", n)
	}
}

// In memory nothing has to be permitted, and an hour passes at once.
func TestInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, fake := advowaretest.Config(t, clienttest.Options{InMemory: true, TokenLatency: time.Second})
		if cfg.AllowInsecure {
			t.Error("plain http is permitted, which hides what a user must do")
		}
		c, err := advoware.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for range 2 {
			if _, err := c.Call(t.Context(), client.Request{Endpoint: "/employees"}); err != nil {
				t.Error(err)
			}
			time.Sleep(2 * time.Hour)
		}
		if n := fake.Counts().TokenRequests; n < 2 {
			t.Errorf("%d token requests in four hours", n)
		}
	})
}
