package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/advoware-go/advoware/secret"
	"github.com/advoware-go/advoware/store"
	"github.com/advoware-go/advoware/store/lease"
)

// Login gets the sessions of an API of another vendor: by a POST without a body, signed with
// HMAC-SHA256 in headers of its own. Its Fetch is a token.Config.Fetch, and it is the Errors of
// that too. It is safe for concurrent use.
type Login struct {
	URL    string        // of the login, https
	KeyID  string        // names the key
	Key    secret.String // signs
	Client *http.Client  // must follow no redirect, which the signature was not made for
}

// The bounds of what the server answers.
const (
	maxAnswer  = 64 << 10
	maxSession = 24 * time.Hour
	guard      = 10 * time.Second // before its end a session is not used any more
)

// Fetch requests a session.
func (l *Login) Fetch(ctx context.Context) (store.Token, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.URL, nil)
	if err != nil {
		return store.Token{}, err
	}
	begun := time.Now()
	l.sign(req, begun)
	resp, err := l.Client.Do(req)
	if err != nil {
		return store.Token{}, fmt.Errorf("the login does not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return store.Token{}, &loginError{status: resp.StatusCode, pause: retryAfter(resp)} // without the body, which may repeat what was sent
	}
	var answer struct {
		Session   string `json:"session"`
		ExpiresIn int64  `json:"expires_in"` // seconds
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&answer); err != nil {
		return store.Token{}, errors.New("the login answered with something else than JSON")
	}
	life := min(max(0, answer.ExpiresIn), int64(maxSession/time.Second))
	return store.NewToken(answer.Session, begun, begun.Add(time.Duration(life)*time.Second-guard))
}

// sign puts into req who asks, when, and the signature of both: a request that is seen by
// somebody else is of no use twice.
func (l *Login) sign(req *http.Request, now time.Time) {
	at, nonce := strconv.FormatInt(now.Unix(), 10), rand.Text()
	mac := hmac.New(sha256.New, []byte(l.Key.Reveal()))
	fmt.Fprintf(mac, "%s\n%s\n%s", l.KeyID, at, nonce)
	req.Header.Set("X-Api-Key-Id", l.KeyID)
	req.Header.Set("X-Api-Timestamp", at)
	req.Header.Set("X-Api-Nonce", nonce)
	req.Header.Set("X-Api-Signature", hex.EncodeToString(mac.Sum(nil)))
}

// ErrRefused is a key that is not accepted, here or by another process.
var ErrRefused = errors.New("the login refuses the key")

// loginError is an answer of the login that has no session in it.
type loginError struct {
	status int
	pause  time.Duration
}

func (e *loginError) Error() string {
	if e.refused() {
		return fmt.Sprintf("%v (status %d): check SESSIONAPI_KEY_ID and SESSIONAPI_KEY", ErrRefused, e.status)
	}
	return fmt.Sprintf("the login answered with status %d", e.status)
}

func (e *loginError) refused() bool {
	return e.status == http.StatusBadRequest || e.status == http.StatusUnauthorized || e.status == http.StatusForbidden
}

// Is reports whether target is ErrRefused and the key was.
func (e *loginError) Is(target error) bool { return target == ErrRefused && e.refused() }

// Classify implements token.Errors: a refused key is left alone for a minute, by all processes
// that share a lease; everything else is an outage, and tried again soon.
func (l *Login) Classify(err error) lease.Failure {
	if e, ok := errors.AsType[*loginError](err); ok {
		return lease.Failure{Refused: e.refused(), Pause: e.pause}
	}
	return lease.Failure{}
}

// Sentinel implements token.Errors.
func (l *Login) Sentinel(f lease.Failure) error {
	if f.Refused {
		return ErrRefused
	}
	return nil
}

func retryAfter(resp *http.Response) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(resp.Header.Get("Retry-After")))
	if err != nil {
		return 0
	}
	return time.Duration(min(max(0, seconds), 3600)) * time.Second
}
