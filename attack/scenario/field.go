package scenario

import (
	"fmt"
	"reflect"
	"strconv"
)

// field is a key of the format: a tagged field of a type in file.go.
//
//	key       the key
//	doc       what it means, for the schema and for messages
//	required  "true" when it has to be there
//	least, most  bounds of a number
//	enum      the texts that are allowed, with | between them
type field struct {
	key, doc    string
	required    bool
	least, most int
	enum        string
	index       []int
	of          reflect.Type
}

// fieldsOf gives a type's keys, in the order in which they are declared.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for _, f := range reflect.VisibleFields(t) {
		key := f.Tag.Get("key")
		if key == "" {
			continue
		}
		least, _ := strconv.Atoi(f.Tag.Get("least"))
		most, _ := strconv.Atoi(f.Tag.Get("most"))
		fields = append(fields, field{
			key: key, doc: f.Tag.Get("doc"), required: f.Tag.Get("required") == "true",
			least: least, most: most, enum: f.Tag.Get("enum"), index: f.Index, of: f.Type,
		})
	}
	return fields
}

func keys(t reflect.Type) []string {
	var names []string
	for _, f := range fieldsOf(t) {
		names = append(names, f.key)
	}
	return names
}

// named is a mapping whose keys are the user's names, in the file's order.
type named[T any] []entry[T]

type entry[T any] struct {
	name  string
	key   place
	value T
}

func (n *named[T]) decode(d *decoding, at place) {
	if !d.is(at, mapping, "a mapping, with a name before each item") {
		return
	}
	for _, pair := range at.node.pairs {
		e := entry[T]{name: pair.key.text, key: at.key(pair)}
		d.into(&e.value, at.under(pair))
		*n = append(*n, e)
	}
}

// wrongValue is an error about a value.
func wrongValue(format string, args ...any) error { return fmt.Errorf(format, args...) }
