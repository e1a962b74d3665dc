package scenario

import (
	_ "embed"
	"slices"
)

//go:embed example.yaml
var example []byte

// Example is a commented scenario to begin with.
func Example() []byte { return slices.Clone(example) }
