package rest

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/advoware-go/advoware/client/clienttest/internal/answer"
)

// Decode reads a body that must be an object. The case of member names does not
// matter: a Node client writes them in PascalCase to paths whose answers are in
// camelCase. Members that are not known are ignored without a word (seen).
func Decode(body []byte, limit int, into any) *answer.Answer {
	if len(body) > limit {
		return tooLarge()
	}
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // which .NET passes over
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return noObject()
	}
	err := json.Unmarshal(body, into)
	var mismatch *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &mismatch) && mismatch.Field != "":
		return BadMember(mismatch.Field, "hat den falschen Typ")
	}
	return noObject()
}
