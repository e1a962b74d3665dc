package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every looptest command in the README's code blocks is one that looptest
// understands: with --help added it explains itself.
func TestREADMECommands(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, block := range regexp.MustCompile("(?s)```\\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			command, _, _ := strings.Cut(line, "#")
			args := strings.Fields(strings.Replace(command, "go run ./cmd/looptest", "looptest", 1))
			if len(args) == 0 || args[0] != "looptest" {
				continue
			}
			found++
			args = args[1:]
			if dash := slices.Index(args, "--"); dash >= 0 { // what comes after it is another program's
				args = args[:dash]
			}
			var out bytes.Buffer
			if code := run(context.Background(), append(args, "--help"), nil, &out, &out); code != exitPass || !strings.Contains(out.String(), "Usage:") {
				t.Errorf("%q: exit code %d, %s", strings.TrimSpace(line), code, out.String())
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d commands were found", found)
	}
}

// The files that the README shows or points to are there.
func TestREADMELinks(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(string(text), -1) {
		if strings.HasPrefix(link[1], "http") {
			continue
		}
		if _, err := os.Stat(filepath.Join("..", "..", link[1])); err != nil {
			t.Error(err)
		}
	}
}
