package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/cmd/advoware/internal/stream"
	"github.com/advoware-go/advoware/store"
)

// Exit statuses.
const (
	statusDone   = 0
	statusFailed = 1 // a call failed
	statusUsage  = 2 // wrong command line or configuration
)

// fail prints err on one line and returns the exit status for it.
func fail(std *stdio, err error) int {
	if err == nil {
		return statusDone
	}
	if errors.Is(err, errReported) {
		return statusFailed
	}
	status := statusFailed
	if isUsage(err) {
		status = statusUsage
	}
	if isLeft(err) || errors.Is(err, context.Canceled) && (isLeft(std.out.Err()) || isLeft(std.err.Err())) {
		std.left = true
		return status // what ends it is no failure
	}
	fmt.Fprintln(std.err, "advoware: "+oneLine(describe(err)))
	return status
}

// isLeft reports whether a command ended because nobody reads what it prints, and for no
// other reason.
func isLeft(err error) bool {
	var some *someFailed
	return err != nil && (stream.IsLeft(err) || errors.Is(err, errLeft)) && !errors.As(err, &some)
}

func isUsage(err error) bool {
	var (
		usage   usageError
		env     *advoware.EnvError
		request *client.RequestError
	)
	return errors.As(err, &usage) || errors.As(err, &env) || errors.As(err, &request)
}

// describe returns the kind of a failure, then its text, and of a write whether it may have
// been carried out.
func describe(err error) string {
	var some *someFailed
	var cut *interrupted
	if errors.As(err, &some) || errors.As(err, &cut) { // they say it of a call
		return kindAndText(err)
	}
	return kindAndText(err) + outcome(err)
}

// outcome says of a call that was to change something whether it may have done so, "" if the
// API has answered that it did not, and of a command that makes no call.
func outcome(err error) string {
	var (
		api    *client.APIError
		call   *client.CallError
		method string
	)
	switch {
	case errors.As(err, &api):
		method = api.Method
	case errors.As(err, &call):
		method = call.Method
	}
	switch {
	case isUsage(err), method == "", method == http.MethodGet, method == http.MethodHead, method == http.MethodOptions:
		return ""
	case errors.Is(err, client.ErrMaybeDone):
		return " (it may have been carried out)"
	case errors.Is(err, client.ErrNotSent):
		return " (it was not sent)"
	}
	return ""
}

func kindAndText(err error) string {
	var (
		some   *someFailed
		cut    *interrupted
		api    *client.APIError
		tok    *gateway.TokenError
		fetch  *token.FetchError
		origin *client.OriginError
		call   *client.CallError
		op     *net.OpError

		nowhere *discovery.Error
	)
	switch {
	case errors.As(err, &cut):
		return cut.Error()
	case errors.As(err, &some):
		return fmt.Sprintf("%s (the first of %d failed calls of %d)", describe(some.first), some.failed, some.of)
	case errors.Is(err, client.ErrReadOnly):
		return plain(err) + " (ADVOWARE_READ_ONLY=true, or --read-only)"
	case isUsage(err):
		return plain(err)
	case errors.As(err, &api):
		return fmt.Sprintf("API status %d: %s", api.Status, wholeBody(api, plain(api)))
	case errors.As(err, &nowhere):
		return strings.TrimPrefix(nowhere.Error(), "discovery: ")
	case errors.As(err, &tok):
		return plain(tok) + nextAttempt(err) // begins with its kind
	case errors.As(err, &fetch):
		kind := gateway.Outage.String()
		if fetch.Refused {
			kind = gateway.Refused.String()
		}
		// The failure of another process has its kind in its text too.
		return kind + ": " + strings.Replace(plain(fetch.Err), "gateway: "+kind+": ", "", 1) + nextAttempt(err)
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout: " + plain(err)
	case errors.As(err, &origin):
		return "redirect: " + plain(err)
	case errors.Is(err, store.ErrIdentity):
		return plain(err) + " (ADVOWARE_TOKEN_KEY names the key)"
	case errors.Is(err, token.ErrStore):
		return "token store: " + plain(err)
	case errors.Is(err, client.ErrNotJSON):
		return plain(err)
	case errors.As(err, &call), errors.As(err, &op):
		return "network: " + plain(err)
	}
	return plain(err)
}

// nextAttempt returns when a token is requested again, "" if that is not known.
func nextAttempt(err error) string {
	var fetch *token.FetchError
	if !errors.As(err, &fetch) || fetch.NextAttempt.IsZero() {
		return ""
	}
	return " (next attempt after " + fetch.NextAttempt.UTC().Format("15:04:05Z") + ")"
}

// plain returns the text of err without the names of our packages in front, and
// those of the error that a call failed with.
func plain(err error) string {
	var call *client.CallError
	if errors.As(err, &call) {
		return call.Method + " " + call.Endpoint + ": " + plain(call.Err)
	}
	text := err.Error()
	for _, name := range []string{"advoware: ", "client: ", "token: ", "gateway: ", "clienttest: "} {
		text = strings.TrimPrefix(text, name)
	}
	return text
}

// wholeBody adds the body of the answer to the text of e, which has the beginning of it.
func wholeBody(e *client.APIError, text string) string {
	body := bytes.TrimSpace(bytes.TrimPrefix(e.Body, []byte("\ufeff")))
	if len(body) == 0 || strings.Contains(text, oneLine(string(body))) {
		return text
	}
	var compact bytes.Buffer
	if json.Compact(&compact, body) == nil {
		body = compact.Bytes()
	}
	short := *e
	short.Body = nil
	return plain(&short) + ": " + string(body)
}

// oneLine returns text on one line, with escapes for what a terminal would act on, the
// direction of writing included.
func oneLine(text string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
