package jsonbody

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
)

// deepest is how far a body is looked into. One that refers to itself is an error of
// encoding/json.
const deepest = 32

// fitInside returns an error if something inside a body would be sent as {} although it
// has more to say: a reader, or anything in an interface of which JSON sees no field.
// Bytes, texts and maps are what they are there.
func fitInside(v reflect.Value, depth int) error {
	if !v.IsValid() || depth > deepest || !mayHold(v.Type()) {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		return fitInside(v.Elem(), depth+1)
	case reflect.Map:
		for i := v.MapRange(); i.Next(); {
			if err := fitValue(i.Value(), depth+1); err != nil {
				return fmt.Errorf("in the field %.100q: %w", fmt.Sprint(i.Key()), err)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := fitValue(v.Index(i), depth+1); err != nil {
				return fmt.Errorf("in element %d: %w", i, err)
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || strings.HasPrefix(f.Tag.Get("json"), "-") {
				continue
			}
			if err := fitValue(v.Field(i), depth+1); err != nil {
				return fmt.Errorf("in the field %q: %w", f.Name, err)
			}
		}
	}
	return nil
}

// fitValue is fitInside for one value in it.
func fitValue(v reflect.Value, depth int) error {
	dynamic := v.Kind() == reflect.Interface
	if dynamic {
		v = v.Elem()
	}
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() || writesItself(v.Type()) {
		return nil
	}
	t := v.Type()
	for depth := 0; t.Kind() == reflect.Pointer && !isReader(t) && depth <= deepest; depth++ {
		t = t.Elem()
	}
	if isReader(t) || dynamic && t.Kind() == reflect.Struct && opaque(t) && !writesItself(reflect.PointerTo(t)) {
		return fmt.Errorf("%s would be sent as {}: JSON sees nothing in it", v.Type())
	}
	return fitInside(v, depth)
}

func isReader(t reflect.Type) bool {
	return t.Implements(readerType) || t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(readerType)
}

var held sync.Map // by reflect.Type: whether a value may have inside what JSON shows nothing of

// mayHold reports whether a value of a type may have a reader inside, or anything in an
// interface. Most have not, and are not looked into.
func mayHold(t reflect.Type) bool {
	if known, ok := held.Load(t); ok {
		return known.(bool)
	}
	may := holds(t, make(map[reflect.Type]bool))
	held.Store(t, may)
	return may
}

func holds(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch {
	case t.Kind() == reflect.Interface, isReader(t):
		return true
	case writesItself(t):
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holds(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && holds(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
