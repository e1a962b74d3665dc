package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/looptest/looptest/attack/scenario"
)

// The reference's example is a scenario, and its tables know every key.
func TestScenarioReference(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "scenario.md"))
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(examples) != 1 {
		t.Fatalf("%d examples", len(examples))
	}
	s, err := scenario.Parse([]byte(examples[0][1]), "scenario.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Streams) != 2 || len(s.Phases) != 2 || len(s.Budgets) != 2 {
		t.Errorf("%d streams, %d phases, %d budgets", len(s.Streams), len(s.Phases), len(s.Budgets))
	}
	var schema any
	if err := json.Unmarshal(scenario.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	keys := propertiesOf(schema)
	if len(keys) < 30 {
		t.Errorf("the schema has only the keys %v", keys)
	}
	for _, key := range keys {
		if !regexp.MustCompile("[`{, ]" + key + "[:`]").Match(text) {
			t.Errorf("the key %q is not described", key)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `((?:ramp|steps|sine|burst): .*?)` ").FindAllStringSubmatch(string(text), -1) {
		source := "target: http://127.0.0.1:1\nduration: 10s\nstreams: {a: {load: {" + row[1] + "}, requests: [GET /]}}\n"
		if _, err := scenario.Parse([]byte(source), "scenario.yaml"); err != nil {
			t.Errorf("%s: %v", row[1], err)
		}
	}
}

// propertiesOf gives the keys that a JSON Schema knows anywhere.
func propertiesOf(schema any) (keys []string) {
	switch node := schema.(type) {
	case []any:
		for _, part := range node {
			keys = append(keys, propertiesOf(part)...)
		}
	case map[string]any:
		for name, part := range node {
			if known, ok := part.(map[string]any); ok && name == "properties" {
				keys = slices.AppendSeq(keys, maps.Keys(known))
			}
			keys = append(keys, propertiesOf(part)...)
		}
	}
	return keys
}
