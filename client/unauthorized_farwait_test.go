package client_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/farwait"
	"github.com/advoware-go/advoware/store"
)

// distant is a store that takes a while, and heeds what a call may still wait.
type distant struct {
	store.Map
	trip time.Duration
}

func (d *distant) wait(ctx context.Context) error {
	left := farwait.Left(ctx, time.Hour)
	took := min(left, d.trip)
	time.Sleep(took)
	farwait.Spend(ctx, took)
	if left < d.trip {
		return context.DeadlineExceeded
	}
	return nil
}

func (d *distant) Get(ctx context.Context, key string) (store.Token, error) {
	if err := d.wait(ctx); err != nil {
		return store.Token{}, err
	}
	return d.Map.Get(ctx, key)
}

func (d *distant) CompareAndSwap(ctx context.Context, key string, old, tok store.Token) (store.Token, error) {
	if err := d.wait(ctx); err != nil {
		return store.Token{}, err
	}
	return d.Map.CompareAndSwap(ctx, key, old, tok)
}

func (d *distant) CompareAndDelete(ctx context.Context, key string, old store.Token) error {
	if err := d.wait(ctx); err != nil {
		return err
	}
	return d.Map.CompareAndDelete(ctx, key, old)
}

// After a 401 a call waits for a far store as long as the FarWait of its Source says.
func TestFarWaitReachesTheSecondHalf(t *testing.T) {
	for wait, want := range map[time.Duration]int{0: http.StatusUnauthorized, 3 * time.Second: http.StatusOK} {
		synctest.Test(t, func(t *testing.T) {
			far := &distant{trip: 240 * time.Millisecond}
			fetches := 0
			source, err := token.New(token.Config{
				Store: far, Far: true, Key: "k", FarWait: wait, OneShot: true,
				Fetch: func(context.Context) (store.Token, error) {
					fetches++
					return store.NewToken(strings.Repeat("t", fetches), time.Now(), time.Now().Add(50*time.Minute))
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer source.Close()
			if _, err := source.Lookup(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			origin, _ := url.Parse("https://api.example/")
			transport := &client.Transport{Source: source, Origin: origin, Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				status := http.StatusOK
				if req.Header.Get("Authorization") == "Bearer t" {
					status = http.StatusUnauthorized
				}
				return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
			})}
			req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://api.example/x", nil)
			resp, err := transport.RoundTrip(req)
			if err != nil || resp.StatusCode != want {
				t.Errorf("FarWait %v: %v, %v; want %d", wait, resp, err, want)
			}
			time.Sleep(time.Second)
		})
	}
}
