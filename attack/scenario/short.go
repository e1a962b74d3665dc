package scenario

import (
	"reflect"
	"strings"
)

// The types that may be written as one value, too.

func (t *targetSpec) decode(d *decoding, at place) {
	if t.stands(at); at.node.kind == scalar {
		t.URL = at.node.text
		return
	}
	d.value(reflect.ValueOf(t).Elem(), at)
}

func (t *targetsSpec) decode(d *decoding, at place) {
	if t.stands(at); at.node.kind == scalar {
		t.File = at.node.text
		return
	}
	d.value(reflect.ValueOf(t).Elem(), at)
}

func (b *budgetSpec) decode(d *decoding, at place) {
	if b.stands(at); at.node.kind == scalar {
		b.Assert.decode(d, at)
		return
	}
	d.value(reflect.ValueOf(b).Elem(), at)
}

// A request's short form is a path or URL, with or without a method before it.
func (r *requestSpec) decode(d *decoding, at place) {
	r.stands(at)
	if at.node.kind != scalar {
		d.value(reflect.ValueOf(r).Elem(), at)
		return
	}
	r.Method, r.URL = methodAndURL(at.node.text)
}

func methodAndURL(line string) (method, url string) {
	method, url, found := strings.Cut(strings.TrimSpace(line), " ")
	if !found {
		return "GET", method
	}
	return strings.ToUpper(method), strings.TrimSpace(url)
}

// A shape's short forms are a rate, two rates for a ramp, and off.
func (s *shapeSpec) decode(d *decoding, at place) {
	s.stands(at)
	if at.node.kind != scalar {
		d.value(reflect.ValueOf(s).Elem(), at)
		return
	}
	from, to, isRamp := strings.Cut(at.node.text, "..")
	switch {
	case at.node.text == "off":
		s.Off = true
	case isRamp:
		s.Ramp = &rampSpec{spot: s.spot}
		s.Ramp.From = ratePart(d, at, from)
		s.Ramp.To = ratePart(d, at, to)
	default:
		s.Rate.decode(d, at)
	}
}

// ratePart reads one of a ramp's two rates.
func ratePart(d *decoding, at place, text string) rate {
	part := *at.node
	if part.text == part.written {
		part.written = strings.TrimSpace(text)
	}
	part.text = strings.TrimSpace(text)
	return rate(parsed(d, place{&part, at.path}, "a rate such as 200/s", parseRate))
}

// loadSpec is a shape over the whole measured part, or one for each phase.
type loadSpec struct {
	spot
	whole   *shapeSpec
	byPhase named[shapeSpec]
}

func (l *loadSpec) decode(d *decoding, at place) {
	l.stands(at)
	if at.node.kind == mapping && !hasShape(at.node) {
		if !d.misspelt(at) {
			l.byPhase.decode(d, at)
		}
		return
	}
	l.whole = &shapeSpec{}
	l.whole.decode(d, at)
}

// misspelt notes a key that was meant to be a shape: a phase's name has a shape
// after it.
func (d *decoding) misspelt(at place) bool {
	for _, p := range at.node.pairs {
		near := Nearest(p.key.text, shapeNames)
		if near != "" && p.value.kind == mapping && !hasShape(p.value) {
			d.add(at.key(p), "there is no shape %q; did you mean %q?", clipped(p.key.text), near)
			return true
		}
	}
	return false
}

// shapeNames are the keys of a shape, which no phase can be called.
var shapeNames = keys(reflect.TypeFor[shapeSpec]())

func hasShape(n *node) bool {
	for _, p := range n.pairs {
		for _, name := range shapeNames {
			if p.key.text == name {
				return true
			}
		}
	}
	return false
}
