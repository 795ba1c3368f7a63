package client

import (
	"maps"
	"net/http"
	"net/url"
	"time"
)

// Option changes the Request of one call. Those below are the usual ones; any function
// that sets fields of a Request is one.
//
//	var made client.Answer
//	created, err := client.Post[Appointment](ctx, c, "/appointments", appointment,
//		client.WithTimeout(5*time.Second), client.WithAnswer(&made))
type Option func(*Request)

// WithHeader sends a header line along; of several with one name all are sent.
func WithHeader(name, value string) Option {
	return func(r *Request) {
		h := make(http.Header, len(r.Header)+1)
		for known, values := range r.Header {
			h[http.CanonicalHeaderKey(known)] = values
		}
		name := http.CanonicalHeaderKey(name)
		h[name] = append(h[name][:len(h[name]):len(h[name])], value)
		r.Header = h
	}
}

// WithQuery adds to the query.
func WithQuery(query url.Values) Option {
	return func(r *Request) {
		all := make(url.Values, len(r.Query)+len(query))
		maps.Copy(all, r.Query)
		for name, values := range query {
			all[name] = append(all[name][:len(all[name]):len(all[name])], values...)
		}
		r.Query = all
	}
}

// WithBody sends a body, also with methods that usually have none.
func WithBody(body any) Option { return func(r *Request) { r.Body = body } }

// WithTimeout sets Request.Timeout.
func WithTimeout(d time.Duration) Option { return func(r *Request) { r.Timeout = d } }

// WithMaxAnswer sets Request.MaxAnswer.
func WithMaxAnswer(bytes int64) Option { return func(r *Request) { r.MaxAnswer = bytes } }

// WithField sets Request.Field.
func WithField(path string) Option { return func(r *Request) { r.Field = path } }

// WithNumber sets Request.UseNumber.
func WithNumber() Option { return func(r *Request) { r.UseNumber = true } }

// WithAnswer sets Request.Answer.
func WithAnswer(into *Answer) Option { return func(r *Request) { r.Answer = into } }

// apply makes r, a copy of the caller's, what the options say.
func (r *Request) apply(options []Option) {
	for _, o := range options {
		if o != nil {
			o(r)
		}
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
}
