package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

var readme = filepath.Join("..", "..", "README.md")

func readREADME(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every looptest command in the README's code blocks is one that looptest
// understands: with --help added it explains itself.
func TestREADMECommands(t *testing.T) {
	text := readREADME(t)
	found := 0
	for _, block := range regexp.MustCompile("(?s)```\\n(.*?)```").FindAllStringSubmatch(text, -1) {
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
	text := readREADME(t)
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(link[1], "http") {
			continue
		}
		if _, err := os.Stat(filepath.Join("..", "..", link[1])); err != nil {
			t.Error(err)
		}
	}
}

var update = flag.Bool("update", false, "write the README's table of patterns anew")

// The README's table of patterns is the one that the routes and claims give.
func TestREADMEPatterns(t *testing.T) {
	text := readREADME(t)
	marked := regexp.MustCompile(`(?s)(<!-- patterns:begin[^>]*-->\n).*(<!-- patterns:end -->)`)
	parts := marked.FindStringSubmatch(text)
	if parts == nil {
		t.Fatal("the README marks no place for the table of patterns")
	}
	settings := claims.Settings{
		Target: target.Reference{Unit: 1500}, Rate: claims.DefaultRate, Blocks: claims.DefaultBlocks, LagBudget: claims.DefaultLagBudget,
		Cores: 2, Measured: claims.Measured{Hash: 40 * time.Millisecond},
	}
	var table bytes.Buffer
	if err := reports.PatternTable(&table, target.Routes(1500), claims.All(), settings); err != nil {
		t.Fatal(err)
	}
	want := parts[1] + "\n" + table.String() + "\n" + parts[2]
	if parts[0] == want {
		return
	}
	if !*update {
		t.Fatalf("the README's table of patterns is out of date (make golden writes it anew)\n%s", want)
	}
	if err := os.WriteFile(readme, []byte(strings.Replace(text, parts[0], want, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}
