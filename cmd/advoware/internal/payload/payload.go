// Package payload reads the body of a request that --data names.
package payload

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/advoware-go/advoware/internal/bounded"
)

// Most is how many bytes a body may have that is read from somewhere: 64 MiB, as an answer.
const Most = 64 << 20

// JSON returns what data is, or names: JSON, @FILE, or - for what is read from in. It returns when
// ctx ends.
func JSON(ctx context.Context, data string, in io.Reader) (json.RawMessage, error) {
	text, err := []byte(data), error(nil)
	switch name, isFile := strings.CutPrefix(data, "@"); {
	case data == "-":
		// Bounded, so that an interrupt ends the wait for input.
		text, err = bounded.Do(ctx, func(context.Context) ([]byte, error) { return all(in) })
	case isFile:
		text, err = bounded.Do(ctx, func(context.Context) ([]byte, error) { return file(name) }) // it may be a pipe
	}
	if err != nil {
		return nil, fmt.Errorf("--data: %w", err)
	}
	if !utf8.Valid(text) {
		return nil, errors.New("--data is not UTF-8")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors write it into files
	if problem := notJSON(text); problem != "" {
		return nil, errors.New("--data is not JSON: " + problem)
	}
	return text, nil
}

func file(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return all(f)
}

func all(from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, Most+1))
	if err == nil && len(text) > Most {
		return nil, fmt.Errorf("there are more than %d bytes", Most)
	}
	return text, err
}

// notJSON returns why text is not JSON, and where, without the text, which may be a secret; ""
// if it is JSON.
func notJSON(text []byte) string {
	var (
		v  json.RawMessage
		at *json.SyntaxError
	)
	switch err := json.Unmarshal(text, &v); {
	case err == nil:
		return ""
	case len(bytes.TrimSpace(text)) == 0:
		return "it is empty"
	case strings.HasPrefix(err.Error(), "unexpected end"):
		return "it breaks off"
	case errors.As(err, &at):
		return fmt.Sprintf("byte %d of %d does not belong there (text is in double quotes, a file is @FILE)", at.Offset, len(text))
	default:
		return "it cannot be read"
	}
}
