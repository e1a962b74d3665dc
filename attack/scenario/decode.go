package scenario

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decoder is a type that reads itself, where its fields don't say how.
type decoder interface {
	decode(d *decoding, at place)
}

// spot is where a value of the file stands, for what is found wrong later.
type spot struct{ at place }

func (s *spot) stands(at place) { s.at = at }

// decoding fills the types of file.go from a tree. It goes on after a mistake.
type decoding struct {
	*mistakes
	visited int
}

// into reads the place into what v points to.
func (d *decoding) into(v any, at place) {
	if d.visited++; d.visited > maxVisited {
		if d.visited == maxVisited+1 {
			d.add(at, "there are more than %d values", maxVisited)
		}
		return
	}
	if at.node.kind == nothing {
		d.add(at, "has no value")
		return
	}
	if self, ok := v.(decoder); ok {
		self.decode(d, at)
		return
	}
	d.value(reflect.ValueOf(v).Elem(), at)
}

func (d *decoding) value(v reflect.Value, at place) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.into(v.Interface(), at)
	case reflect.Struct:
		d.structure(v, at)
	case reflect.Slice:
		if !d.is(at, sequence, "a list, with a dash before each item") {
			return
		}
		for i := range at.node.items {
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			d.into(v.Index(i).Addr().Interface(), at.item(i))
		}
	case reflect.String:
		if text, ok := d.scalar(at, "text"); ok {
			v.SetString(text)
		}
	case reflect.Bool:
		text, ok := d.scalar(at, "true or false")
		if ok && text != "true" && text != "false" {
			d.add(at, "%q is neither true nor false", clipped(at.node.written))
		}
		v.SetBool(text == "true")
	default:
		panic("scenario: no way to read a " + v.Type().String())
	}
}

// structure reads a mapping's keys into the fields that are tagged with them.
func (d *decoding) structure(v reflect.Value, at place) {
	if s, ok := v.Addr().Interface().(interface{ stands(place) }); ok {
		s.stands(at)
	}
	if !d.is(at, mapping, "a mapping, with keys such as "+strings.Join(first(keys(v.Type()), 3), ", ")) {
		return
	}
	fields := fieldsOf(v.Type())
	var meant []string // keys that stand there in another spelling
	for _, pair := range at.node.pairs {
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == pair.key.text })
		switch {
		case i >= 0:
			before := len(d.list)
			d.into(v.FieldByIndex(fields[i].index).Addr().Interface(), at.under(pair))
			if len(d.list) == before {
				d.within(v.FieldByIndex(fields[i].index), fields[i], at.under(pair))
			}
		case at.path == "" && strings.HasPrefix(pair.key.text, "x-"):
			// The user's own: a place for anchors.
		default:
			meant = append(meant, d.unknown(at.key(pair), pair.key.text, keys(v.Type())))
		}
	}
	for _, f := range fields {
		if f.required && !slices.Contains(meant, f.key) && !slices.ContainsFunc(at.node.pairs, func(p pair) bool { return p.key.text == f.key }) {
			d.add(at, "%s is missing: %s", f.key, f.doc)
		}
	}
}

// unknown notes a key that means nothing here, and gives the one that was
// probably meant.
func (d *decoding) unknown(at place, key string, known []string) string {
	near := Nearest(key, known)
	if near != "" {
		d.add(at, "unknown key %q; did you mean %q?", clipped(key), near)
	} else {
		d.add(at, "unknown key %q; there are %s", clipped(key), strings.Join(known, ", "))
	}
	return near
}

// within holds a value to its field's bounds.
func (d *decoding) within(v reflect.Value, f field, at place) {
	switch value := v.Interface().(type) {
	case number:
		if int(value) < f.least || int(value) > f.most {
			d.add(at, "%s is not between %d and %d", clipped(at.node.written), f.least, f.most)
		}
	case string:
		allowed := strings.Split(f.enum, "|")
		if f.enum == "" || slices.Contains(allowed, value) {
			return
		}
		if near := Nearest(value, allowed); near != "" {
			d.add(at, "%q is not known; did you mean %q?", clipped(at.node.written), near)
			return
		}
		d.add(at, "%q is not known; there are %s", clipped(at.node.written), strings.Join(allowed, ", "))
	}
}

// is reports whether the place is of that kind, and notes when it isn't.
func (d *decoding) is(at place, want kind, wanted string) bool {
	if at.node.kind == want {
		return true
	}
	d.add(at, "is %s; it has to be %s", at.node.kind, wanted)
	return false
}

// scalar gives the text of a single value.
func (d *decoding) scalar(at place, wanted string) (string, bool) {
	if at.node.kind == mapping && wanted == "text" {
		wanted = "text: put it in quotes"
	}
	return at.node.text, d.is(at, scalar, wanted)
}

// parsed reads a single value with a function that may refuse it.
func parsed[T any](d *decoding, at place, wanted string, parse func(string) (T, error)) T {
	var zero T
	text, ok := d.scalar(at, wanted)
	if !ok {
		return zero
	}
	value, err := parse(text)
	if err == nil {
		return value
	}
	// What came from the environment may be a secret: it is not shown.
	if text != at.node.written {
		d.add(at, "with the environment's values, %s is not %s", clipped(at.node.written), wanted)
	} else {
		d.add(at, "%v", err)
	}
	return zero
}

// number is a whole number, bounded by its field's tags least and most.
type number int

func (n *number) decode(d *decoding, at place) {
	*n = number(parsed(d, at, "a whole number", func(text string) (int, error) {
		i, err := strconv.Atoi(text)
		if err != nil {
			return 0, wrongValue("%q is no whole number", clipped(text))
		}
		return i, nil
	}))
}

// first gives the first n of them, or all.
func first[T any](of []T, n int) []T { return of[:min(n, len(of))] }
