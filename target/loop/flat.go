package loop

import (
	"reflect"
	"sync"
)

// cloneFlatMap copies the likeliest of messages, a map to plain values. It gives
// up at the first value that may refer to something.
func cloneFlatMap(m map[string]any) (copied map[string]any, flat bool) {
	if m == nil {
		return nil, true
	}
	copied = make(map[string]any, len(m))
	for key, value := range m {
		switch value.(type) {
		case nil, bool, int, int64, uint64, float64, string:
			copied[key] = value
		default:
			return nil, false
		}
	}
	return copied, true
}

// flatTypes remembers isFlat's answers.
var flatTypes sync.Map // from reflect.Type to bool

// isFlat reports whether a value of that type is copied whole by an assignment:
// it refers to nothing that can be changed, and has no field to leave out.
func isFlat(t reflect.Type) bool {
	if flat, known := flatTypes.Load(t); known {
		return flat.(bool)
	}
	flat := findFlat(t)
	flatTypes.Store(t, flat)
	return flat
}

func findFlat(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return isFlat(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); !f.IsExported() || !isFlat(f.Type) {
				return false
			}
		}
		return true
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return false
	}
	return true
}
