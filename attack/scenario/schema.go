package scenario

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
)

// Schema is the JSON Schema (2020-12) of a scenario, for editors. It comes from
// the types that the parser fills, so that the two can't differ.
func Schema() []byte {
	d := defs{}
	of := d.structure(reflect.TypeFor[file]())
	of["$defs"] = d
	of["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	of["title"] = "looptest scenario"
	of["patternProperties"] = schema{"^x-": true}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(of); err != nil {
		panic(err) // it holds nothing that JSON can't
	}
	return b.Bytes()
}

// schema is a JSON Schema.
type schema = map[string]any

// defs are the schemas that are referred to by their type's name.
type defs map[string]schema

// schemer is a type that gives its own schema, where its fields don't say all.
type schemer interface{ schema(d defs) schema }

// of is a type's schema, or a reference to it.
func (d defs) of(t reflect.Type) schema {
	if t.Kind() == reflect.Pointer {
		return d.of(t.Elem())
	}
	if self, ok := reflect.New(t).Interface().(schemer); ok {
		return d.refer(t, self)
	}
	switch t.Kind() {
	case reflect.Struct:
		return d.structure(t)
	case reflect.Slice:
		return schema{"type": "array", "items": d.of(t.Elem())}
	case reflect.String:
		return schema{"type": []string{"string", "number", "boolean"}}
	case reflect.Bool:
		return anyOf(schema{"type": "boolean"}, variableSchema)
	}
	panic("scenario: no schema of a " + t.String())
}

// refer defines a type's schema once.
func (d defs) refer(t reflect.Type, self schemer) schema {
	name := strings.TrimSuffix(t.Name(), "Spec")
	if strings.Contains(name, "[") { // named[T] has no name of its own
		return self.schema(d)
	}
	if d[name] == nil {
		d[name] = schema{} // it may be asked for while it is made
		d[name] = self.schema(d)
	}
	return schema{"$ref": "#/$defs/" + name}
}

// structure has the type's keys and no others.
func (d defs) structure(t reflect.Type) schema {
	properties, required := schema{}, []string{}
	for _, f := range fieldsOf(t) {
		of := d.field(f)
		of["description"] = f.doc
		properties[f.key] = of
		if f.required {
			required = append(required, f.key)
		}
	}
	of := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		of["required"] = required
	}
	return of
}

// field adds what the field's tags say to its type's schema.
func (d defs) field(f field) schema {
	switch {
	case f.enum != "":
		return anyOf(schema{"enum": strings.Split(f.enum, "|")}, variableSchema)
	case f.most > 0:
		return anyOf(schema{"type": "integer", "minimum": f.least, "maximum": f.most}, variableSchema)
	}
	return d.of(f.of)
}

// variableSchema is a text with a variable of the environment, which may stand
// for any value.
var variableSchema = schema{"type": "string", "pattern": `\$\{[A-Za-z_]`}

func anyOf(of ...schema) schema { return schema{"anyOf": of} }

// text is a text of that form.
func text(form *regexp.Regexp, examples ...string) schema {
	return anyOf(schema{"type": "string", "pattern": form.String(), "examples": examples}, variableSchema)
}
