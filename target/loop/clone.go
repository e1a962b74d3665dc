package loop

import (
	"fmt"
	"reflect"
)

// CloneError says that a message holds something that can't be copied.
type CloneError struct{ Type reflect.Type }

func (e *CloneError) Error() string { return fmt.Sprintf("a %v can't be sent in a message", e.Type) }

// Clone copies a value as messages between workers are copied: deeply, with
// shared and circular references kept as such. Functions, channels and unsafe
// pointers can't be copied; unexported fields are left out (Node: the structured
// clone algorithm).
func Clone(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, int, int64, uint64, float64, string:
		return v, nil // immutable, and the common case
	case []byte:
		return append([]byte(nil), v...), nil
	case map[string]any:
		if copied, flat := cloneFlatMap(v); flat {
			return copied, nil
		}
	}
	if isFlat(reflect.TypeOf(v)) {
		return v, nil // what an interface holds can't be changed
	}
	c := cloner{seen: map[pointer]reflect.Value{}}
	copied, err := c.clone(reflect.ValueOf(v))
	if err != nil {
		return nil, err
	}
	return copied.Interface(), nil
}

// pointer identifies what a reference refers to.
type pointer struct {
	at  uintptr
	len int
	typ reflect.Type
}

type cloner struct{ seen map[pointer]reflect.Value }

func (c cloner) clone(v reflect.Value) (reflect.Value, error) {
	switch v.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		if v.IsNil() {
			return v, nil
		}
		return v, &CloneError{v.Type()}
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return c.reference(v)
	case reflect.Interface:
		if v.IsNil() {
			return v, nil
		}
		inner, err := c.clone(v.Elem())
		if err != nil {
			return v, err
		}
		copied := reflect.New(v.Type()).Elem()
		copied.Set(inner)
		return copied, nil
	case reflect.Struct:
		if isFlat(v.Type()) {
			return v, nil
		}
		copied := reflect.New(v.Type()).Elem()
		return copied, c.fields(copied, v)
	case reflect.Array:
		copied := reflect.New(v.Type()).Elem()
		return copied, c.elements(copied, v)
	}
	return v, nil
}

// reference copies what v refers to, once.
func (c cloner) reference(v reflect.Value) (reflect.Value, error) {
	if v.IsNil() {
		return v, nil
	}
	key := pointer{at: v.Pointer(), typ: v.Type()}
	if v.Kind() == reflect.Slice {
		key.len = v.Len()
	}
	if copied, known := c.seen[key]; known {
		return copied, nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		copied := reflect.New(v.Type().Elem())
		c.seen[key] = copied
		inner, err := c.clone(v.Elem())
		if err == nil {
			copied.Elem().Set(inner)
		}
		return copied, err
	case reflect.Map:
		copied := reflect.MakeMapWithSize(v.Type(), v.Len())
		c.seen[key] = copied
		return copied, c.entries(copied, v)
	}
	copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	c.seen[key] = copied
	if isFlat(v.Type().Elem()) {
		reflect.Copy(copied, v)
		return copied, nil
	}
	return copied, c.elements(copied, v)
}

func (c cloner) fields(to, from reflect.Value) error {
	for i := range from.NumField() {
		if !to.Field(i).CanSet() {
			continue
		}
		copied, err := c.clone(from.Field(i))
		if err != nil {
			return err
		}
		to.Field(i).Set(copied)
	}
	return nil
}

func (c cloner) elements(to, from reflect.Value) error {
	for i := range from.Len() {
		copied, err := c.clone(from.Index(i))
		if err != nil {
			return err
		}
		to.Index(i).Set(copied)
	}
	return nil
}

func (c cloner) entries(to, from reflect.Value) error {
	for entries := from.MapRange(); entries.Next(); {
		key, err := c.clone(entries.Key())
		if err != nil {
			return err
		}
		value, err := c.clone(entries.Value())
		if err != nil {
			return err
		}
		to.SetMapIndex(key, value)
	}
	return nil
}
