package scenario

import (
	"reflect"
	"regexp"
	"strings"
)

// The schemas of the types that may be written in more than one way.

func (*targetSpec) schema(d defs) schema { return textOr[targetSpec](d) }

func (*targetsSpec) schema(d defs) schema { return textOr[targetsSpec](d) }

func (*requestSpec) schema(d defs) schema { return textOr[requestSpec](d) }

// textOr is a short form of any text, or the type's keys.
func textOr[T any](d defs) schema {
	return anyOf(schema{"type": "string"}, d.structure(reflect.TypeFor[T]()))
}

func (*budgetSpec) schema(d defs) schema {
	return anyOf(d.of(reflect.TypeFor[budgetText]()), d.structure(reflect.TypeFor[budgetSpec]()))
}

func (*shapeSpec) schema(d defs) schema {
	of := d.structure(reflect.TypeFor[shapeSpec]())
	of["minProperties"], of["maxProperties"] = 1, 1
	return anyOf(d.of(reflect.TypeFor[rate]()), text(rampForm, "100/s..500/s"), schema{"const": "off"}, of)
}

var rampForm = regexp.MustCompile(`^[0-9].*\.\.\s*[0-9].*$`)

func (*loadSpec) schema(d defs) schema {
	shape := d.of(reflect.TypeFor[shapeSpec]())
	return anyOf(shape, schema{
		"type": "object", "additionalProperties": shape,
		"propertyNames": schema{"not": schema{"enum": shapeNames}},
	})
}

func (*named[T]) schema(d defs) schema {
	return schema{"type": "object", "additionalProperties": d.of(reflect.TypeFor[T]())}
}

var durationForm = regexp.MustCompile(`^\+?(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`)

func (lasting) schema(defs) schema { return text(durationForm, "30s", "500ms") }

func (rate) schema(defs) schema {
	return anyOf(text(rateForm, "200/s", "12/m"), schema{"type": "number", "minimum": 0, "maximum": maxRate})
}

func (size) schema(defs) schema {
	return anyOf(text(sizeForm, "1MiB", "64KiB"), schema{"type": "integer", "minimum": 1})
}

func (pattern) schema(defs) schema { return schema{"type": "string"} }

func (codes) schema(defs) schema {
	one := anyOf(text(codeForm, "2xx"), schema{"type": "integer", "minimum": 100, "maximum": 599})
	return anyOf(one, schema{"type": "array", "items": one, "minItems": 1})
}

func (words) schema(d defs) schema {
	word := d.of(reflect.TypeFor[string]())
	return anyOf(schema{"type": "string"}, schema{"type": "array", "items": word, "minItems": 1})
}

func (headers) schema(d defs) schema {
	value := d.of(reflect.TypeFor[string]())
	return schema{"type": "object", "additionalProperties": anyOf(value, schema{"type": "array", "items": value})}
}

// The forms of a budget, in terms of its parts' forms.
var (
	comparison  = `\s*[<>]=?\s*`
	budgetForms = regexp.MustCompile(`^\s*(?:` +
		`((response|service|send_lag|lag)\.)?(p[0-9]+(\.[0-9]+)?|mean|max)` + comparison + inner(durationForm) +
		`|error_rate` + comparison + `[0-9]+(\.[0-9]+)?\s*%?` +
		`|throughput` + comparison + inner(rateForm) + `)\s*$`)
)

// inner is a form without its ends.
func inner(form *regexp.Regexp) string {
	return "(?:" + strings.TrimSuffix(strings.TrimPrefix(form.String(), "^"), "$") + ")"
}

func (budgetText) schema(defs) schema {
	return text(budgetForms, "p99 < 50ms", "error_rate < 0.1%", "throughput > 900/s", "lag.p99 < 20ms")
}
