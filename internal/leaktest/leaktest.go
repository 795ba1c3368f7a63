// Package leaktest finds secrets in what a program prints.
//
// Every type that holds a secret is tested with [Check], which prints it, and
// every kind of value that may contain it, in every way that the standard library has.
// [Find] looks through any other output, a log for instance. Both know a secret
// in all the forms that [Forms] lists, so that escaping or encoding it is no way
// out. A value that is hidden must be seen to be hidden: [Prints] gives a test the
// texts themselves.
//
// Nothing here has state; everything may be called from many goroutines.
// See ARCHITECTURE.md for where secrets live.
package leaktest

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
)

// Check fails the test if a print of value, or of something around it, shows one
// of the secrets, and names the first few such prints. Name says in the failure
// what value is. To see embedding, call it with a struct that embeds the type.
func Check[T any](t testing.TB, name string, value T, secrets ...string) {
	t.Helper()
	if found := Leaks(value, secrets...); len(found) > 0 {
		t.Errorf("%s shows a secret in %d prints, among them %q", name, len(found), found[:min(len(found), 5)])
	}
}

// Leaks returns the prints that show one of the secrets, in order, each as what
// was printed and how: "map key: %+v". Value is printed alone and inside all that
// a program may put around it; that depends on T, which is why T is not any.
func Leaks[T any](value T, secrets ...string) []string {
	forms := folded(secrets)
	var found []string
	for what, thing := range around(value) {
		for how, text := range Prints(thing) {
			if _, ok := find(text, forms); ok {
				found = append(found, what+": "+how)
			}
		}
	}
	slices.Sort(found)
	return found
}

type (
	exported[T any]   struct{ Field T }
	unexported[T any] struct{ field T }
)

// around returns v in everything that a program may print, by what that is.
func around[T any](v T) map[string]any {
	things := map[string]any{
		"value":                       v,
		"pointer":                     &v,
		"slice":                       []T{v},
		"map value":                   map[string]T{"k": v},
		"exported field":              exported[T]{v},
		"unexported field":            unexported[T]{v},
		"pointer to unexported field": &unexported[T]{v},
		"unexported pointer":          unexported[*T]{&v},
		"deeper":                      unexported[[]unexported[any]]{[]unexported[any]{{v}}},
		"interface":                   unexported[any]{v},
	}
	if key := reflect.ValueOf(&v).Elem(); key.Comparable() {
		m := reflect.MakeMap(reflect.MapOf(key.Type(), reflect.TypeFor[int]()))
		m.SetMapIndex(key, reflect.ValueOf(1))
		things["map key"] = m.Interface()
	}
	return things
}

// Prints returns all that fmt, slog, the encoders, templates and what prints by
// reflection make of v, by what made it: a verb with its flags ("%+v"), "Println",
// "Errorf", "slog text", "slog json", "gob", "json", "xml", "template", "cmp" with its
// options, or "walk", which follows everything that can be reached. An encoder that
// refuses v counts with its error.
func Prints(v any) map[string]string {
	out := map[string]string{
		"Println": fmt.Sprintln(v),
		"Errorf":  fmt.Errorf("outer: %w", fmt.Errorf("inner: %v", v)).Error(),
	}
	for _, flags := range []string{"", "+", "#", " ", "0", "-", "99", "+#"} {
		for verb := 'A'; verb <= 'z'; verb++ {
			format := "%" + flags + string(verb)
			out[format] = fmt.Sprintf(format, v)
		}
	}
	var text, js, g bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "attr", v)
	out["slog text"] = text.String()
	slog.New(slog.NewJSONHandler(&js, nil)).Info("m", "attr", v)
	out["slog json"] = js.String()
	if err := gob.NewEncoder(&g).Encode(v); err != nil {
		g.WriteString(err.Error())
	}
	out["gob"] = g.String()
	out["json"] = encoded(json.Marshal(v))
	out["xml"] = encoded(xml.Marshal(v))
	out["template"] = templated(v)
	out["cmp"] = diff(v)
	out["cmp, unexported too"] = diff(v, cmp.Exporter(func(reflect.Type) bool { return true }))
	out["walk"] = Walk(v)
	return out
}

// diff is what go-cmp says of v beside the zero value of its type, or panics with.
func diff(v any, opts ...cmp.Option) (text string) {
	defer func() {
		if p := recover(); p != nil {
			text = fmt.Sprint(p)
		}
	}()
	if v == nil {
		return ""
	}
	zero := reflect.Zero(reflect.TypeOf(v)).Interface()
	return cmp.Diff(v, zero, opts...) + cmp.Diff(zero, v, opts...)
}

func templated(v any) string {
	var b bytes.Buffer
	if err := template.Must(template.New("").Parse("{{.}} {{printf `%v` .}}")).Execute(&b, v); err != nil {
		b.WriteString(err.Error())
	}
	return b.String()
}

func encoded(data []byte, err error) string {
	if err != nil {
		return err.Error()
	}
	return string(data)
}
