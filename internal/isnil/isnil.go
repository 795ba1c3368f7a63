// Package isnil finds a nil pointer in an interface, which comparing the interface with
// nil does not.
//
// Constructors use it for what the caller passes in, so that a mistake there is an error
// that names the field, and not a panic in some call later. Everything here is safe for
// concurrent use. See ARCHITECTURE.md for how the parts work together.
package isnil

import "reflect"

// Value reports whether v is nil, or has a nil pointer, map, func, channel or slice in it.
func Value(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.Slice:
		return r.IsNil()
	}
	return false
}

// Pointer reports whether v is not nil, and has a nil pointer or the like in it: somebody
// meant to set it.
func Pointer(v any) bool { return v != nil && Value(v) }
