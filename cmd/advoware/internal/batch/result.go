package batch

import (
	"bytes"
	"encoding/json"
)

// Result is what became of a line.
type Result struct {
	Item
	Status int             // of the answer, 0 if there was none
	Body   json.RawMessage // of a good answer, nil if it was empty
	Binary []byte          // of one that is not JSON
	Type   string          // of that: its Content-Type
	Err    error
	Text   string // of Err, for a person
}

// shown is the form of a Result.
type shown struct {
	Index       int             `json:"index"`
	Line        int             `json:"line"`
	Request     *asked          `json:"request,omitempty"`
	Status      int             `json:"status,omitempty"`
	Body        json.RawMessage `json:"body,omitempty"`
	ContentType string          `json:"content_type,omitempty"`
	BodyBase64  []byte          `json:"body_base64,omitempty"`
	Error       string          `json:"error,omitempty"`
}

type asked struct {
	Method   string              `json:"method"`
	Endpoint string              `json:"endpoint"`
	Query    map[string][]string `json:"query,omitempty"`
}

// JSON returns the Result as one line of JSON, with a line end. Numbers, texts and the order
// of members are those of the answer. The body of the request is not repeated.
func (r *Result) JSON() ([]byte, error) {
	s := shown{Index: r.Index, Line: r.Line, Status: r.Status, Body: r.Body, ContentType: r.Type, BodyBase64: r.Binary}
	if r.Endpoint != "" {
		s.Request = &asked{r.Method, r.Endpoint, r.Query}
	}
	if r.Err != nil {
		s.Error = r.Text
		if s.Error == "" {
			s.Error = r.Err.Error()
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(s)
	return b.Bytes(), err
}
