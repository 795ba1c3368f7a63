// Package jsonbody writes a body as JSON, or says why that is not what was meant.
package jsonbody

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"reflect"
	"unicode/utf8"
)

// Encode writes v as JSON, without the escapes that are only for HTML. What is no value
// but holds one in another form is refused: encoding/json would write {} of a reader,
// and base64 of bytes that are JSON already.
func Encode(v any) ([]byte, error) {
	if p, ok := v.(*json.RawMessage); ok && p != nil {
		v = *p
	}
	if raw, ok := v.(json.RawMessage); ok {
		switch {
		case !json.Valid(raw):
			return nil, errors.New("the body cannot be written as JSON: not valid JSON")
		case !utf8.Valid(raw):
			return nil, errors.New("the body is not UTF-8, which JSON has to be")
		}
		return raw, nil
	}
	if err := fit(v); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("the body cannot be written as JSON: %w", err)
	}
	if text := b.Bytes(); replaced(text) {
		return nil, errors.New("a text in the body is not UTF-8: it would arrive with other signs in it")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// replaced reports whether encoding/json wrote a replacement character for a byte that is
// no UTF-8, which it writes as an escape. One that was in the text is written as it is.
func replaced(text []byte) bool {
	for {
		at := bytes.Index(text, []byte(`\ufffd`))
		if at < 0 {
			return false
		}
		if before := len(text[:at]) - len(bytes.TrimRight(text[:at], `\`)); before%2 == 0 {
			return true
		}
		text = text[at+1:]
	}
}

const hint = "send it with client.Raw{ContentType: …, Reader: …}"

// fit returns an error if v is not meant to be written as JSON.
func fit(v any) error {
	if v == nil {
		return nil
	}
	t, value, pointed := reflect.TypeOf(v), reflect.ValueOf(v), false
	for depth := 0; t.Kind() == reflect.Pointer && !writesItself(t) && !isReader(t); depth++ {
		if depth > deepest {
			return fmt.Errorf("the body is %T, a pointer to pointers without end", v)
		}
		if t, pointed = t.Elem(), true; value.IsValid() {
			value = value.Elem()
		}
	}
	switch {
	case writesItself(t) || pointed && writesItself(reflect.PointerTo(t)):
		return nil
	case isReader(t):
		return fmt.Errorf("the body is an io.Reader (%T), which is not JSON: %s, or as a json.RawMessage if that is what it holds", v, hint)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return fmt.Errorf("the body is %T, which would be sent as base64: if it holds JSON make it a json.RawMessage, else %s", v, hint)
	case t == reflect.TypeFor[url.Values]():
		return errors.New("the body is url.Values, which is no JSON: send a form with client.Form(values), or put it into the Query")
	case t == reflect.TypeFor[http.Header](), t == reflect.TypeFor[textproto.MIMEHeader]():
		return fmt.Errorf("the body is %T, which is no JSON: put it into the Header", v)
	case t.Kind() == reflect.Struct && opaque(t):
		return fmt.Errorf("the body is %T, of which JSON can see no field, so that it would be sent as {}: %s", v, hint)
	case t.Kind() == reflect.String && value.IsValid() && holdsJSON(value.String()):
		return fmt.Errorf("the body is a string that holds JSON, which would be sent in quotes: make it a json.RawMessage(…), or %s", hint)
	}
	return fitInside(reflect.ValueOf(v), 0)
}

var readerType = reflect.TypeFor[io.Reader]()

// writesItself reports whether a type says how it is written as JSON.
func writesItself(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[json.Marshaler]()) || t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
}

// opaque reports whether a struct has fields, and none of them for JSON.
func opaque(t reflect.Type) bool {
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() || f.Anonymous {
			return false
		}
	}
	return t.NumField() > 0
}

// holdsJSON reports whether a text is a JSON object or array.
func holdsJSON(text string) bool {
	trimmed := bytes.TrimSpace([]byte(text))
	return len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') && json.Valid(trimmed)
}
