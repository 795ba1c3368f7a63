package answer

import "bytes"

// Latin1 encodes an answer in ISO 8859-1, which its Content-Type does not say. What
// cannot be encoded becomes a question mark.
func (a *Answer) Latin1() {
	if a.Stream != nil {
		var all bytes.Buffer
		a.Stream(&all)
		a.Stream, a.Body = nil, all.Bytes()
	}
	body := make([]byte, 0, len(a.Body))
	for _, r := range string(a.Body) {
		if r > 0xff {
			r = '?'
		}
		body = append(body, byte(r))
	}
	a.Body = body
	if a.Header.Get("Content-Type") == JSONType {
		a.Header.Set("Content-Type", "application/json")
	}
}
