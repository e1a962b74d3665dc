package main

import "strings"

// enumerate writes names for a sentence.
func enumerate(names []string) string { return strings.Join(names, ", ") }
