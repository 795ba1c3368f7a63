package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

type tokenCmd struct {
	Reveal  bool `help:"Print the token itself too."`
	Refresh bool `help:"Fetch a new token in any case."`
	Peek    bool `help:"Only look into Redis: no token is requested, nothing is written. The exit status is 0 if there is a token, 1 if there is none or Redis cannot be asked."`
	All     bool `help:"Look as --peek does, and show all that Redis has beside the token: lease, refusals, timestamp, address and the like."`

	connectFlags
}

// tokenInfo is what the command prints.
type tokenInfo struct {
	Source      string     `json:"source"`
	IssuedAt    *time.Time `json:"issued_at"`
	ExpiresAt   time.Time  `json:"expires_at"`
	ExpiresInS  int64      `json:"expires_in_s"`
	Fingerprint string     `json:"fingerprint"`
	Token       string     `json:"token,omitempty"`
}

// Run looks a token up and prints what is known of it.
func (c *tokenCmd) Run(ctx context.Context, std *stdio) error {
	if c.Peek || c.All {
		return c.peek(ctx, std)
	}
	api, end, err := c.connect(ctx, std, true)
	if err != nil {
		return err
	}
	defer end()
	began := time.Now()
	found, err := c.find(c.story.Call(ctx), api.Source())
	if err == nil && !found.Waited {
		c.story.Sayf("token: %s was in Redis (%v)", found.Token.Fingerprint(), time.Since(began).Round(10*time.Microsecond))
	}
	if c.Stats {
		std.stats = lookupStats(api, found, err)
	}
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(c.describe(found), "", "  ")
	if err != nil {
		return err
	}
	return std.print(ctx, append(text, '\n'))
}

func (c *tokenCmd) find(ctx context.Context, source *token.Source) (token.Found, error) {
	if c.Refresh {
		return source.Refresh(ctx)
	}
	return source.Lookup(ctx, 0)
}

// lookupStats returns the statistics with the one lookup that was made past the
// client, which counts only those of its calls.
func lookupStats(api *client.Client, found token.Found, err error) *client.Stats {
	s := api.Stats()
	if err != nil || found.Waited {
		s.TokenWaits = 1
	} else {
		s.TokenHits, s.HitRate = 1, 1
	}
	return &s
}

func (c *tokenCmd) describe(f token.Found) tokenInfo {
	info := tokenInfo{
		Source:      c.sourceName(f.Origin),
		ExpiresAt:   f.Token.Expiry().UTC().Truncate(time.Second),
		ExpiresInS:  int64(store.Remaining(time.Now(), f.Token.Expiry()).Seconds()),
		Fingerprint: f.Token.Fingerprint(),
	}
	if at := f.Token.IssuedAt(); !at.IsZero() {
		info.IssuedAt = new(at.UTC().Truncate(time.Millisecond))
	}
	if c.Reveal {
		info.Token = f.Token.Reveal()
	}
	return info
}

// sourceName returns where a token came from. The near store depends on --store.
func (c *tokenCmd) sourceName(o token.Origin) string {
	switch {
	case o == token.Fetched:
		return "fetch"
	case o == token.Far || c.storeKind() == advoware.StoreRedis:
		return "redis"
	}
	return "memory"
}
