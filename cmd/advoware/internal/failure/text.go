package failure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/advoware-go/advoware"
	"github.com/advoware-go/advoware/client"
	"github.com/advoware-go/advoware/client/discovery"
	"github.com/advoware-go/advoware/client/gateway"
	"github.com/advoware-go/advoware/client/token"
	"github.com/advoware-go/advoware/store"
)

// IsUsage reports whether a command line or the configuration is wrong.
func IsUsage(err error) bool {
	var (
		usage   Usage
		env     *advoware.EnvError
		request *client.RequestError
	)
	return errors.As(err, &usage) || errors.As(err, &env) || errors.As(err, &request)
}

// Text returns the kind of a failure, then its text, and of a write whether it may have
// been carried out.
func Text(err error) string {
	var some *Some
	var cut *Interrupted
	if errors.As(err, &some) || errors.As(err, &cut) { // they say it of a call
		return kindAndText(err)
	}
	return kindAndText(err) + Outcome(err)
}

// Outcome says of a call that was to change something whether it may have done so, "" if the
// API has answered that it did not, and of a command that makes no call.
func Outcome(err error) string {
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
	case IsUsage(err), method == "", method == http.MethodGet, method == http.MethodHead, method == http.MethodOptions:
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
		some   *Some
		cut    *Interrupted
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
		return fmt.Sprintf("%s (the first of %d failed calls of %d)", Text(some.First), some.Failed, some.Of)
	case errors.Is(err, client.ErrReadOnly):
		return Plain(err) + " (ADVOWARE_READ_ONLY=true, or --read-only)"
	case IsUsage(err):
		return Plain(err)
	case errors.As(err, &api):
		return fmt.Sprintf("API status %d: %s", api.Status, wholeBody(api, Plain(api)))
	case errors.As(err, &nowhere):
		return strings.TrimPrefix(nowhere.Error(), "discovery: ")
	case errors.As(err, &tok):
		return Plain(tok) + nextAttempt(err) // begins with its kind
	case errors.As(err, &fetch):
		kind := gateway.Outage.String()
		if fetch.Refused {
			kind = gateway.Refused.String()
		}
		// The failure of another process has its kind in its text too.
		return kind + ": " + strings.Replace(Plain(fetch.Err), "gateway: "+kind+": ", "", 1) + nextAttempt(err)
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout: " + Plain(err)
	case errors.As(err, &origin):
		return "redirect: " + Plain(err)
	case errors.Is(err, store.ErrIdentity):
		return Plain(err) + " (ADVOWARE_TOKEN_KEY names the key)"
	case errors.Is(err, token.ErrStore):
		return "token store: " + Plain(err)
	case errors.Is(err, client.ErrNotJSON):
		return Plain(err)
	case errors.As(err, &call), errors.As(err, &op):
		return "network: " + Plain(err)
	}
	return Plain(err)
}

// nextAttempt returns when a token is requested again, "" if that is not known.
func nextAttempt(err error) string {
	var fetch *token.FetchError
	if !errors.As(err, &fetch) || fetch.NextAttempt.IsZero() {
		return ""
	}
	return " (next attempt after " + fetch.NextAttempt.UTC().Format("15:04:05Z") + ")"
}

// Plain returns the text of err without the names of our packages in front, and
// those of the error that a call failed with.
func Plain(err error) string {
	var call *client.CallError
	if errors.As(err, &call) {
		return call.Method + " " + call.Endpoint + ": " + Plain(call.Err)
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
	if len(body) == 0 || strings.Contains(text, OneLine(string(body))) {
		return text
	}
	var compact bytes.Buffer
	if json.Compact(&compact, body) == nil {
		body = compact.Bytes()
	}
	short := *e
	short.Body = nil
	return Plain(&short) + ": " + string(body)
}
