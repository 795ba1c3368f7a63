// Package charset decodes the bodies of HTTP responses into UTF-8.
//
// The encoding is detected by the byte order mark, else by the charset parameter of the
// Content-Type, else by the zero bytes of JSON (RFC 4627, section 3); the default is
// UTF-8. A byte order mark is removed. [JSON] and [NewReader] are for data, and strict:
// undecodable input is an error, never a replacement character. [Text] is for text that a
// person reads, and decodes it as well as it can.
//
// Everything here is safe for concurrent use. See ARCHITECTURE.md for how the parts
// work together.
package charset

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// Error is matched by all errors here: the character set is unknown or not supported, or
// the text is not valid in it. The name of the character set is quoted as a whole: a
// secret in it that was cut would not be found.
var Error = errors.New("unreadable character set")

// JSON returns body as UTF-8, without a byte order mark. A body that is UTF-8 already
// is not copied.
func JSON(body []byte, contentType string) ([]byte, error) {
	enc, mark, err := find(head(body), contentType)
	if err != nil {
		if utf8.Valid(body) && errors.Is(err, errUnknown) {
			return body, nil // valid UTF-8, whatever an unknown charset is called
		}
		return nil, err
	}
	if body = body[mark:]; enc != nil {
		if body, err = enc.NewDecoder().Bytes(body); err != nil {
			return nil, fmt.Errorf("%w: %w", Error, err)
		}
	}
	return body, Check(body, enc != nil, contentType)
}

// Check returns an error if text has invalid or undecodable bytes. decoded reports whether
// it was decoded from another encoding than UTF-8.
func Check(text []byte, decoded bool, contentType string) error {
	switch {
	case decoded && bytes.ContainsRune(text, utf8.RuneError):
		return fmt.Errorf("%w: the answer is not written in what it names (%q)", Error, contentType)
	case !decoded && !utf8.Valid(text):
		return fmt.Errorf("%w: the answer is not UTF-8, and its Content-Type (%q) names nothing else", Error, contentType)
	}
	return nil
}

// Text returns body as UTF-8 for a person to read, without a byte order mark. Valid UTF-8
// is kept, also in parts and whatever charset is named, so that redaction finds a secret as
// it was sent. Other bytes are decoded as the Content-Type says, else as Windows-1252,
// which German programs write. A body whose Content-Type is not text is not changed.
func Text(body []byte, contentType string) []byte {
	enc, mark, err := find(head(body), contentType)
	body = body[mark:]
	wide := mark > 0 || len(body) > 1 && bytes.IndexByte(head(body), 0) >= 0
	switch {
	case !isText(contentType), !wide && almostUTF8(body), err == nil && enc == nil && mark > 0:
		return body
	case enc == nil:
		enc = charmap.Windows1252
	}
	if single, ok := enc.(*charmap.Charmap); ok {
		return mixed(body, single)
	}
	if text, err := enc.NewDecoder().Bytes(body); err == nil {
		return text
	}
	return body
}

// mixed decodes each byte that is not valid UTF-8 by single.
func mixed(body []byte, single *charmap.Charmap) []byte {
	text := make([]byte, 0, len(body)+len(body)/8)
	for len(body) > 0 {
		r, size := utf8.DecodeRune(body)
		if r == utf8.RuneError && size == 1 {
			r = single.DecodeByte(body[0])
		}
		text = utf8.AppendRune(text, r)
		body = body[size:]
	}
	return text
}

// almostUTF8 reports whether text is valid UTF-8; its last character may be truncated.
func almostUTF8(text []byte) bool {
	for i := len(text) - 1; i >= 0 && len(text)-i < utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				text = text[:i]
			}
			break
		}
	}
	return utf8.Valid(text)
}

func isText(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media == "" || strings.HasPrefix(media, "text/") || named(contentType) != "" ||
		strings.HasSuffix(media, "json") || strings.HasSuffix(media, "xml") || strings.HasSuffix(media, "x-www-form-urlencoded")
}

// headBytes is how many bytes the detection needs.
const headBytes = 4

func head(body []byte) []byte { return body[:min(len(body), headBytes)] }

// errUnknown is returned for a charset that no registry has.
var errUnknown = fmt.Errorf("%w: of that name there is none", Error)

var (
	utf16le = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf16be = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	utf32le = utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	utf32be = utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
)

// marks are the byte order marks; a longer one stands before its prefix.
var marks = []struct {
	mark string
	enc  encoding.Encoding // nil is UTF-8
}{
	{"\xef\xbb\xbf", nil},
	{"\xff\xfe\x00\x00", utf32le}, {"\x00\x00\xfe\xff", utf32be},
	{"\xff\xfe", utf16le}, {"\xfe\xff", utf16be},
}

// find detects the encoding of a text that begins with head, nil for UTF-8, and returns
// the length of its byte order mark.
func find(head []byte, contentType string) (enc encoding.Encoding, mark int, err error) {
	for _, m := range marks {
		if len(head) >= len(m.mark) && string(head[:len(m.mark)]) == m.mark {
			return m.enc, len(m.mark), nil
		}
	}
	if bytes.IndexByte(head, 0) >= 0 {
		if enc := byZeros(head); enc != nil {
			return enc, 0, nil
		}
	}
	name := named(contentType)
	if name == "" || strings.EqualFold(name, "utf-8") || strings.EqualFold(name, "utf8") {
		return nil, 0, nil
	}
	enc, err = lookup(name)
	return enc, 0, err
}

// byZeros detects UTF-16 and UTF-32 by the zero bytes of the first one or two characters,
// which in JSON are ASCII. It returns nil for neither.
func byZeros(head []byte) encoding.Encoding {
	zeros := 0 // a bit for each byte, the highest for the first
	for i := range headBytes {
		zeros <<= 1
		if i < len(head) && head[i] == 0 {
			zeros |= 1
		}
	}
	switch {
	case len(head) == 2 && zeros == 0b0100, zeros == 0b0101, zeros == 0b0100:
		return utf16le
	case len(head) == 2 && zeros == 0b1000, zeros == 0b1010, zeros == 0b1000:
		return utf16be
	case zeros == 0b0111:
		return utf32le
	case zeros == 0b1110:
		return utf32be
	}
	return nil
}

// named returns the charset parameter of a Content-Type, "" if there is none.
func named(contentType string) string {
	_, rest, _ := strings.Cut(contentType, ";")
	for rest != "" {
		var param string
		param, rest, _ = strings.Cut(rest, ";")
		if name, value, _ := strings.Cut(param, "="); strings.EqualFold(strings.TrimSpace(name), "charset") {
			return strings.Trim(value, " \t\"'")
		}
	}
	return ""
}

// lookup returns the encoding for a charset name, by the WHATWG registry and then by
// IANA's; nil for UTF-8.
func lookup(name string) (encoding.Encoding, error) {
	enc, err := htmlindex.Get(name)
	if err != nil {
		if enc, err = ianaindex.IANA.Encoding(name); err != nil {
			return nil, fmt.Errorf("%w: %q", errUnknown, name)
		}
	}
	switch enc {
	case nil:
		return nil, fmt.Errorf("%w: %q is not supported", Error, name)
	case unicode.UTF8:
		return nil, nil
	}
	return enc, nil
}
