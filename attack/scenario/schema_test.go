package scenario

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// validator holds a file to the schema.
func validator(t *testing.T) func(source []byte) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("scenario.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(source []byte) error {
		asJSON, err := yaml.YAMLToJSON(source)
		if err != nil {
			return err
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		if err != nil {
			return err
		}
		return compiled.Validate(value)
	}
}

// good are the sources that are right.
func good(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{"testdata/example.yaml": Example()}
	files, _ := filepath.Glob("testdata/valid/*.yaml")
	for _, path := range files {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[path] = source
	}
	return all
}

func TestParserAndSchemaAccept(t *testing.T) {
	validate := validator(t)
	for name, source := range good(t) {
		if _, err := Parse(source, name); err != nil {
			t.Error(err)
		}
		if err := validate(source); err != nil {
			t.Errorf("%s: the schema says %v", name, err)
		}
	}
}

// What is wrong in a file's form, and not only in its meaning, an editor shows.
func TestSchemaRefuses(t *testing.T) {
	validate := validator(t)
	for _, name := range []string{
		"unknown-key", "unknown-keys", "rate", "duration-unit", "duration-negative", "weight", "types",
		"budgets", "expect", "body-mapping", "protocol-unknown", "two-shapes", "shape-unknown", "shapes",
	} {
		source, err := os.ReadFile("testdata/errors/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if validate(source) == nil {
			t.Errorf("%s: the schema finds no mistake", name)
		}
	}
}

// Every key that the parser knows is in the schema, with a description, and the
// other way round. A type's keys are tried by the parser itself.
func TestParserAndSchemaKnowTheSameKeys(t *testing.T) {
	var document schema
	if err := json.Unmarshal(Schema(), &document); err != nil {
		t.Fatal(err)
	}
	inSchema := map[string]bool{}
	objects(document, func(o schema) {
		var names []string
		for name, of := range o["properties"].(schema) {
			names = append(names, name)
			if of.(schema)["description"] == "" {
				t.Errorf("%s has no description", name)
			}
		}
		slices.Sort(names)
		inSchema[strings.Join(names, " ")] = true
	})
	inTypes := map[string]bool{}
	structures(reflect.TypeFor[file](), func(of reflect.Type) {
		names := keys(of)
		slices.Sort(names)
		inTypes[strings.Join(names, " ")] = true
		for _, name := range names {
			if !knows(of, name) {
				t.Errorf("the parser does not know %s of %s", name, of)
			}
		}
		if knows(of, "no_such_key") {
			t.Errorf("the parser takes any key in %s", of)
		}
	})
	if len(inTypes) < 12 || !reflect.DeepEqual(inSchema, inTypes) {
		t.Errorf("the schema has\n%v\nand the parser\n%v", inSchema, inTypes)
	}
}

// objects visits every part of a schema that has properties.
func objects(of any, visit func(schema)) {
	switch of := of.(type) {
	case schema:
		if _, is := of["properties"].(schema); is && of["type"] == "object" {
			visit(of)
		}
		for _, part := range of {
			objects(part, visit)
		}
	case []any:
		for _, part := range of {
			objects(part, visit)
		}
	}
}

// structures visits every type of the format that has keys.
func structures(of reflect.Type, visit func(reflect.Type)) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice:
		structures(of.Elem(), visit)
	case reflect.Struct:
		if len(keys(of)) > 0 {
			visit(of)
		}
		for i := range of.NumField() {
			if f := of.Field(i); f.Name != "spot" && strings.Contains(f.Type.String(), "scenario.") && f.Type != reflect.TypeFor[Budget]() && f.Type != reflect.TypeFor[place]() {
				structures(f.Type, visit)
			}
		}
	}
}

// knows reports whether the parser takes the key in that type's mapping.
func knows(of reflect.Type, key string) bool {
	m := &mistakes{}
	root := tree([]byte(key+": x"), m, worldAt("."))
	(&decoding{mistakes: m}).structure(reflect.New(of).Elem(), place{root, "here"})
	return !slices.ContainsFunc(m.list, func(m *Mistake) bool { return strings.Contains(m.Message, "unknown key") })
}

// The example shows almost every key, so that nobody has to look further.
func TestExampleShowsTheKeys(t *testing.T) {
	structures(reflect.TypeFor[file](), func(of reflect.Type) {
		for _, key := range keys(of) {
			switch key {
			case "name", "put", "patch", "delete", "head", "method", "file", "format", "stream":
				continue // they explain themselves, or are rare
			}
			if !strings.Contains(string(Example()), key+":") {
				t.Errorf("the example says nothing of %s", key)
			}
		}
	})
}
