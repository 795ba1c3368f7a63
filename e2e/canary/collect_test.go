//go:build !race

package canary_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"github.com/advoware-go/advoware/internal/leaktest"
)

// evidence is all that a program can come to see of a run, and what must not be in
// it.
type evidence struct {
	mu      sync.Mutex
	seen    map[string]bool
	texts   strings.Builder
	secrets map[string]bool
	forms   map[string]bool // of all secrets, in lower case
	logger  *slog.Logger    // text and JSON at once, at debug level
}

// newEvidence starts to collect. Until the test ends, what go-redis and net/http
// write to the log of the process belongs to it too.
func newEvidence(t testing.TB) *evidence {
	e := &evidence{seen: make(map[string]bool), secrets: make(map[string]bool), forms: make(map[string]bool)}
	debug := &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}
	e.logger = slog.New(slog.NewMultiHandler(slog.NewTextHandler(e, debug), slog.NewJSONHandler(e, debug)))
	processLog.to.Store(e)
	t.Cleanup(func() { processLog.to.Store(nil) })
	return e
}

// Write takes a log record.
func (e *evidence) Write(p []byte) (int, error) {
	e.text("log", string(p))
	return len(p), nil
}

// text takes a text as it is.
func (e *evidence) text(what, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.seen[text] {
		e.seen[text] = true
		fmt.Fprintf(&e.texts, "%s: %s\n", what, text)
	}
}

// value takes what people print: v by verbs, as JSON and in the log.
func (e *evidence) value(what string, v any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		e.text(what+" as "+verb, fmt.Sprintf(verb, v))
	}
	if text, err := json.Marshal(v); err == nil {
		e.text(what+" as JSON", string(text))
	}
	e.logger.Info(what, "value", v, slog.Group("group", "value", v))
}

// behind takes a value and what it points to.
func (e *evidence) behind(what string, v any) {
	e.value(what, v)
	if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && !p.IsNil() {
		e.value(what+", behind the pointer", p.Elem().Interface())
	}
}

// failure takes an error and all that it wraps, which errors.As could hand out.
func (e *evidence) failure(what string, err error) {
	if err == nil {
		return
	}
	e.text(what, err.Error())
	e.behind(fmt.Sprintf("%s, a %T", what, err), err)
	switch err := err.(type) {
	case interface{ Unwrap() error }:
		e.failure(what, err.Unwrap())
	case interface{ Unwrap() []error }:
		for _, part := range err.Unwrap() {
			e.failure(what, part)
		}
	}
}

// try runs fn and takes the error that it returns, or what it panics with.
func (e *evidence) try(what string, fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			stack := make([]byte, 64<<10)
			e.text(what+" panics", string(stack[:runtime.Stack(stack, false)]))
			e.value(what+" panics", v)
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	err = fn()
	e.failure(what, err)
	return err
}

// secret adds texts that must not be seen, nor any large part of one: half a token
// can be as good as a whole one.
func (e *evidence) secret(texts ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range texts {
		e.add(s)
		const part = 32
		if n := len(s); n >= 3*part && isASCII(s) {
			e.add(s[:part])
			e.add(s[(n-part)/2 : (n+part)/2])
			e.add(s[n-part:])
		}
	}
}

func (e *evidence) add(s string) {
	if e.secrets[s] {
		return
	}
	e.secrets[s] = true
	for _, form := range leaktest.Forms(s) {
		e.forms[strings.ToLower(form)] = true
	}
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) }

// encoded adds a text in base64 and the bytes that it stands for.
func (e *evidence) encoded(text string) {
	e.secret(text)
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
		e.secret(string(raw))
	}
}

// leaks returns the places where a secret is seen, each with the form in which it
// is: what leaktest.Find does, in one pass through all of the text. There are thousands
// of forms, and a pass for each took most of the time of all tests.
func (e *evidence) leaks() (found []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := strings.ToLower(e.texts.String())
	const head = 8 // no form of a secret that is long enough is shorter
	var heads [1 << 16]bool
	forms := make(map[string][]string) // by how they begin
	for form := range e.forms {
		if len(form) < head {
			panic("a form of " + form + " is too short")
		}
		heads[uint16(form[0])<<8|uint16(form[1])] = true
		forms[form[:head]] = append(forms[form[:head]], form)
	}
	seen := make(map[string]bool)
	for at := 0; at+head <= len(all); at++ {
		if !heads[uint16(all[at])<<8|uint16(all[at+1])] {
			continue
		}
		for _, form := range forms[all[at:at+head]] {
			if strings.HasPrefix(all[at:], form) && !seen[form] {
				seen[form] = true
				line := all[strings.LastIndexByte(all[:at], '\n')+1 : at]
				found = append(found, fmt.Sprintf("%.60q after %.300q", form, line))
			}
		}
	}
	return found
}

// check fails the test if there is a leak, or nothing in which there could be one.
func (e *evidence) check(t testing.TB) {
	t.Helper()
	if e.texts.Len() == 0 || len(e.secrets) == 0 {
		t.Fatal("nothing was collected: the canary is dead")
	}
	if found := e.leaks(); len(found) > 0 {
		t.Errorf("%d leaks, among them:\n%s", len(found), strings.Join(found[:min(len(found), 8)], "\n"))
	}
}

// processLog stands where go-redis and the log of the process write to. It is put
// there once, before anything runs: go-redis reads its logger without a lock.
var processLog collector

type collector struct{ to atomic.Pointer[evidence] }

func (c *collector) Write(p []byte) (int, error) {
	if e := c.to.Load(); e != nil {
		return e.Write(p)
	}
	return os.Stderr.Write(p)
}

// Printf is for go-redis.
func (c *collector) Printf(_ context.Context, format string, args ...any) {
	fmt.Fprintf(c, "go-redis: "+format+"\n", args...)
}

func TestMain(m *testing.M) {
	log.SetOutput(&processLog)
	goredis.SetLogger(&processLog)
	os.Exit(m.Run())
}

// TestCanarySings is the control: what is planted is found, whichever secret it is,
// however it is written and wherever it comes up.
func TestCanarySings(t *testing.T) {
	secrets := map[string]string{
		"password": canaryPassword, "API key": canaryKey, "decoded API key": canaryRawKey, "Redis password": canaryRedisPassword,
		"token":     base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS512"}`)) + "." + oddToken,
		"signature": base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("\x00\xff\x3e"), 22))[:86] + "==",
	}
	for name, s := range secrets {
		sings := func(where string, plant func(*evidence)) {
			t.Helper()
			e := newEvidence(t)
			e.secret(s)
			e.text("harmless", "nothing to see")
			if found := e.leaks(); len(found) > 0 {
				t.Errorf("%s: found in what is harmless: %q", name, found)
			}
			if plant(e); len(e.leaks()) == 0 {
				t.Errorf("%s: %s is not noticed", name, where)
			}
		}
		for _, form := range leaktest.Forms(s) {
			sings("the form "+form, func(e *evidence) { e.text("planted", "before "+form+" after") })
		}
		type own struct{ field string }
		type withJSON struct{ Field string }
		for where, plant := range map[string]func(*evidence){
			"a log message":        func(e *evidence) { e.logger.Debug(s) },
			"a log attribute":      func(e *evidence) { e.logger.Debug("m", "a", s) },
			"a struct in the log":  func(e *evidence) { e.logger.Debug("m", "a", own{s}) },
			"JSON in the log":      func(e *evidence) { b, _ := json.Marshal(withJSON{s}); e.logger.Debug("m", "a", string(b)) },
			"a quote in the log":   func(e *evidence) { e.logger.Debug(fmt.Sprintf("%q", s)) },
			"an error":             func(e *evidence) { e.failure("", errors.New(s)) },
			"a wrapped error":      func(e *evidence) { e.failure("", quiet{errors.Join(io.EOF, quiet{errors.New(s)})}) },
			"a field of an error":  func(e *evidence) { e.failure("", &withField{field: []byte(s)}) },
			"an unexported field":  func(e *evidence) { e.value("", own{s}) },
			"behind a pointer":     func(e *evidence) { e.behind("", &own{s}) },
			"a panic":              func(e *evidence) { _ = e.try("", func() error { panic(s) }) },
			"a panic with a value": func(e *evidence) { _ = e.try("", func() error { panic(own{s}) }) },
			"the process's log":    func(*evidence) { log.Print(s) },
			"go-redis's log":       func(*evidence) { processLog.Printf(t.Context(), "%v", s) },
		} {
			sings(where, plant)
		}
		if len(s) > 100 {
			sings("half of it", func(e *evidence) { e.text("planted", s[:len(s)/2]) })
		}
	}
}

// quiet is an error that hides what it wraps from all but errors.As.
type quiet struct{ error }

func (quiet) Error() string   { return "quiet" }
func (q quiet) Unwrap() error { return q.error }

// withField is an error with more in it than it says.
type withField struct{ field []byte }

func (*withField) Error() string { return "quiet" }
