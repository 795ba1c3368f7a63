package clienttest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

const jsonType = "application/json; charset=utf-8"

// answer is a response before it is sent, so that a fault can still spoil it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// jsonAnswer answers with v as JSON.
func jsonAnswer(status int, v any) *answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic("clienttest: " + err.Error()) // only our own types come here
	}
	return &answer{status, http.Header{"Content-Type": {jsonType}}, append(body, '\n')}
}

// problem is the JSON of everything that is not a success. It never repeats what
// the client sent, but for names of fields.
type problem struct {
	Status  int    `json:"status"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
}

// refusal answers with a message in German, as the vendor does, and the field or
// header that is to blame.
func refusal(status int, field, message string) *answer {
	return jsonAnswer(status, problem{status, field, message})
}

// badField answers a request whose body is not right.
func badField(err error) *answer {
	var wrong *fieldError
	if errors.As(err, &wrong) && wrong.field != "" {
		return refusal(http.StatusBadRequest, wrong.field, "Das Feld "+wrong.field+" "+wrong.problem+".")
	}
	return refusal(http.StatusBadRequest, "", "Die Anfrage enthält kein gültiges JSON-Objekt.")
}

func notFound() *answer {
	return refusal(http.StatusNotFound, "", "Die angeforderte Ressource wurde nicht gefunden.")
}

func methodNotAllowed(allowed ...string) *answer {
	a := refusal(http.StatusMethodNotAllowed, "", "Die Methode ist für diese Ressource nicht zulässig.")
	a.header.Set("Allow", strings.Join(allowed, ", "))
	return a
}

// send writes the answer, in one piece of known length.
func (a *answer) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if len(a.body) > 0 && a.header.Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
}
