package leaktest

import (
	"fmt"
	"reflect"
	"strings"
)

// Walk prints v and all that can be reached from it by reflection, unexported fields
// too, as debuggers and dumpers do. It calls no method of v.
func Walk(v any) string {
	w := walker{seen: make(map[visit]bool), left: 50_000}
	w.walk(reflect.ValueOf(v), 0)
	return w.out.String()
}

type walker struct {
	out  strings.Builder
	seen map[visit]bool
	left int // values that are still printed
}

// visit is a place that has been walked through, which may lead to itself.
type visit struct {
	at  uintptr
	typ reflect.Type
	len int
}

const deepest = 60

func (w *walker) walk(v reflect.Value, depth int) {
	if w.left--; w.left < 0 || depth > deepest || !v.IsValid() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if w.first(v, 0) {
			w.walk(v.Elem(), depth+1)
		}
	case reflect.Interface:
		w.walk(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			fmt.Fprintf(&w.out, "%s: ", v.Type().Field(i).Name)
			w.walk(v.Field(i), depth+1)
		}
	case reflect.Map:
		if w.first(v, 0) {
			for _, key := range v.MapKeys() {
				w.walk(key, depth+1)
				w.walk(v.MapIndex(key), depth+1)
			}
		}
	case reflect.Slice:
		if w.first(v, v.Len()) {
			w.elements(v, depth)
		}
	case reflect.Array:
		w.elements(v, depth)
	case reflect.String:
		fmt.Fprintf(&w.out, "%s\n", v.String())
	case reflect.Func, reflect.Chan, reflect.UnsafePointer: // an address
	default:
		fmt.Fprintf(&w.out, "%v\n", v)
	}
}

// elements prints bytes as text and as numbers, anything else one by one.
func (w *walker) elements(v reflect.Value, depth int) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		text := make([]byte, v.Len())
		for i := range text {
			text[i] = byte(v.Index(i).Uint())
		}
		fmt.Fprintf(&w.out, "%s %v\n", text, text)
		return
	}
	const most = 1000 // tables of numbers, as caches have them
	for i := range min(v.Len(), most) {
		w.walk(v.Index(i), depth+1)
	}
}

// first reports whether v leads to something, and has not been walked through before.
func (w *walker) first(v reflect.Value, length int) bool {
	if v.IsNil() {
		return false
	}
	at := visit{v.Pointer(), v.Type(), length}
	defer func() { w.seen[at] = true }()
	return !w.seen[at]
}
