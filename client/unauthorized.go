package client

import (
	"context"
	"io"
	"net/http"

	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/internal/charset"
	"github.com/advoware-go/advoware/internal/foundhook"
	"github.com/advoware-go/advoware/internal/replay"
	"github.com/advoware-go/advoware/internal/sentence"
	"github.com/advoware-go/advoware/store"
)

// again deals with a 401. Whatever is missing for a second attempt, the caller
// gets the first answer, with its body as it came; so it is if that says nothing against
// the token.
func (t *Transport) again(req *http.Request, resp *http.Response, refused token.Found, kept *replay.Body) (*http.Response, error) {
	t.counts.Unauthorized()
	kept.Pause()
	beginning, whole := replay.KeepAnswer(resp)
	defer kept.Finish(whole) // with all of it read, the first attempt is over
	if sparesToken(req, resp, beginning) {
		t.counts.Spared()
		return resp, nil
	}
	ctx, resends := foundhook.WithRest(req.Context(), refused), 1
	reject := t.Source.Reject
	if foundhook.Doubted(ctx, refused) {
		if body, ok := replay.Third(req, kept); ok {
			var err error
			resends = 2
			if resp, beginning, err = t.confirm(req, resp, refused, body, 1); err != nil || resp.StatusCode != http.StatusUnauthorized || sparesToken(req, resp, beginning) {
				return resp, err
			}
		} else {
			reject = func(ctx context.Context, _ store.Token) error { return foundhook.RejectUntested(ctx, refused) }
		}
	}
	if err := reject(ctx, refused.Token); err != nil {
		callStateOf(ctx).setTokenError(ended(ctx, err))
		return resp, nil
	}
	if !replay.Replayable(req, kept) {
		return resp, nil
	}
	found, err := t.lookup(ctx)
	t.counts.More()
	if err != nil {
		callStateOf(ctx).setTokenError(err)
		return resp, nil
	}
	if found.Token.Equal(refused.Token) {
		return resp, nil
	}
	body, ok := replay.Second(req, kept)
	if !ok {
		return resp, nil
	}
	_ = resp.Body.Close()
	second, err := t.send(req, found, t.present(), body, callStateOf(ctx), false, resends) // the first copy may still be in use
	if err != nil {
		return nil, err
	}
	if second.StatusCode == http.StatusUnauthorized {
		t.counts.Unauthorized()
		t.counts.Second()
		if foundhook.Doubted(ctx, found) {
			if body, ok := replay.Third(req, kept); ok {
				if second, _, err = t.confirm(req, second, found, body, resends+1); err != nil {
					return nil, err
				}
			}
		}
	}
	if second.StatusCode != http.StatusUnauthorized && second.StatusCode < 500 { // a server in trouble may not have looked at the token
		foundhook.Accepted(found)
	}
	return second, nil
}

// confirm sends a refused request once more with the same token, to see whether the
// refusal meant the token. If that is refused too, the answer is kept in memory, and its
// beginning returned.
func (t *Transport) confirm(req *http.Request, refusal *http.Response, found token.Found, body io.ReadCloser, resends int) (resp *http.Response, beginning []byte, err error) {
	_ = refusal.Body.Close()
	t.counts.Hit() // the token at hand
	t.counts.More()
	resp, err = t.send(req, found, t.present(), body, callStateOf(req.Context()), false, resends)
	switch {
	case err != nil:
		return nil, nil, err
	case resp.StatusCode == http.StatusUnauthorized:
		t.counts.Unauthorized()
		beginning, _ = replay.KeepAnswer(resp)
	case resp.StatusCode < 500:
		t.counts.Contradicted()
		foundhook.Contradicted(found)
	}
	return resp, beginning, nil
}

// sparesToken reports whether a 401 is sure to mean something else than the token. A wrong
// password may be what the API says of a token that was made with it.
func sparesToken(req *http.Request, resp *http.Response, beginning []byte) bool {
	return sentence.SparesToken(resp.Status, charset.Text(beginning, resp.Header.Get("Content-Type")), asked(req)...)
}
