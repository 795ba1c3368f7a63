// Package compare tells settings apart as far as Go can: those that hold secrets, functions
// and pointers too.
//
// Everything here is safe for concurrent use.
package compare

import "reflect"

// Differences names the fields in which a says something else than b does, and has not
// just its default. They are compared as fields of a configuration are: secrets and
// numbers behind pointers by what they say, everything else by ==.
func Differences[T any](a, b, defaults T) []string {
	var names []string
	ours, theirs, zero := reflect.ValueOf(a), reflect.ValueOf(b), reflect.ValueOf(defaults)
	for i := range ours.NumField() {
		v := ours.Field(i).Interface()
		if !same(v, zero.Field(i).Interface()) && !same(v, theirs.Field(i).Interface()) {
			names = append(names, ours.Type().Field(i).Name)
		}
	}
	return names
}

// same compares two fields.
func same(a, b any) bool {
	if t := reflect.TypeOf(a); t != nil && t != reflect.TypeOf(b) {
		return false
	}
	switch a := a.(type) {
	case interface{ Reveal() string }:
		return a.Reveal() == b.(interface{ Reveal() string }).Reveal()
	case *int:
		b := b.(*int)
		return a == b || a != nil && b != nil && *a == *b
	}
	return a == nil && b == nil || reflect.ValueOf(a).Comparable() && a == b
}

// Funcs compares structs of functions by their code, as far as Go can tell.
func Funcs[T any](a, b T) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range x.NumField() {
		if x.Field(i).Pointer() != y.Field(i).Pointer() {
			return false
		}
	}
	return true
}
