// Package answer is what the fake answers, before it is sent, so that a fault can still
// change it.
package answer

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/advoware-go/advoware/client/clienttest/internal/wire"
)

// JSONType is the Content-Type of JSON, as the vendor writes it.
const JSONType = "application/json; charset=utf-8"

// Answer is a response before it is sent. Header is never nil.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// Stream writes the body, and Body is nil, where it is too long to be held. It can
	// be called more than once, and returns the first error of its writer.
	Stream func(io.Writer) error
}

// JSON answers with v as JSON. It panics if v cannot be written.
func JSON(status int, v any) *Answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic("clienttest: " + err.Error()) // only our own types come here
	}
	return &Answer{Status: status, Header: http.Header{"Content-Type": {JSONType}}, Body: append(body, '\n')}
}

// problem is the JSON of everything that is not a success. It never repeats what
// the client sent, but for names of fields.
type problem struct {
	Status  int    `json:"status"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// Refusal answers with a message in German, as the vendor does, and the field or
// header that is to blame.
func Refusal(status int, field, message string) *Answer {
	return JSON(status, problem{status, field, message})
}

// FieldError is a body that is wrong in one field; Field is empty if it is wrong
// altogether.
type FieldError struct{ Field, Problem string }

// Wrong returns a *FieldError.
func Wrong(field, problem string) error { return &FieldError{field, problem} }

// Error returns both.
func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

// BadField answers a request whose body is not right; err is a *FieldError or anything.
func BadField(err error) *Answer {
	var wrong *FieldError
	if errors.As(err, &wrong) && wrong.Field != "" {
		return Refusal(http.StatusBadRequest, wrong.Field, "Das Feld "+wrong.Field+" "+wrong.Problem+".")
	}
	return Refusal(http.StatusBadRequest, "", "Die Anfrage enthält kein gültiges JSON-Objekt.")
}

// NotFound answers a request for what is not there.
func NotFound() *Answer {
	return Refusal(http.StatusNotFound, "", "Die angeforderte Ressource wurde nicht gefunden.")
}

// MethodNotAllowed answers a request with a method that is none of allowed.
func MethodNotAllowed(allowed ...string) *Answer {
	a := Refusal(http.StatusMethodNotAllowed, "", "Die Methode ist für diese Ressource nicht zulässig.")
	a.Header.Set("Allow", strings.Join(allowed, ", "))
	return a
}

// Send writes the answer, in one piece of known length if it is no stream.
func (a *Answer) Send(w http.ResponseWriter) {
	if a.Status == http.StatusNoContent || a.Status == http.StatusNotModified { // have no body
		a.Body, a.Stream = nil, nil
	}
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	if len(a.Body) > 0 && a.Header.Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	w.WriteHeader(a.Status)
	if a.Stream != nil {
		a.Stream(w)
		return
	}
	w.Write(a.Body)
}

// Cut sends half of the answer and closes the connection. It does not return.
func (a *Answer) Cut(w http.ResponseWriter) {
	if all := a.Stream; all != nil {
		var length counter
		all(&length)
		a.Header.Set("Content-Length", strconv.Itoa(int(length)))
		a.Stream = func(w io.Writer) error { return all(&limited{w, int(length) / 2}) }
		a.Send(w)
		http.NewResponseController(w).Flush()
	}
	if len(a.Body) > 0 {
		a.Header.Set("Content-Length", strconv.Itoa(len(a.Body)))
		a.Body = a.Body[:len(a.Body)/2]
		a.Send(w)
		http.NewResponseController(w).Flush()
	}
	wire.Abort()
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// limited is a writer that fails once so many bytes are written.
type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n, err := l.to.Write(p[:min(len(p), l.left)])
	if l.left -= n; err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}
