package scenario

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestMistakes holds what a user is told: testdata/errors has a scenario and the
// message for each slip.
func TestMistakes(t *testing.T) {
	t.Setenv("LOOPTEST_TEST_SECRET", "s3cr3t")
	files, err := filepath.Glob("testdata/errors/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(source, filepath.ToSlash(path))
			if err == nil {
				t.Fatal("no mistake is found")
			}
			var mistake *Mistake
			if !errors.As(err, &mistake) {
				t.Errorf("%T is no mistake", err)
			}
			if strings.Contains(err.Error(), "s3cr3t") {
				t.Error("the message shows a variable's value")
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".txt", err.Error()+"\n")
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

// A caret is under the character that it means, whatever is before it.
func TestCaretIsUnderThePlace(t *testing.T) {
	for _, c := range []struct{ source, caret string }{
		{"a: 1", " 1 | a: 1\n   | ^"},
		{"# c\r\nzz: 1\r\n", " 1 | # c\n 2 | zz: 1\n   | ^~"},
		{"'é': 1\nx: 1", ""},
	} {
		_, err := Parse([]byte(c.source), "f")
		if err == nil || !strings.Contains(err.Error(), c.caret) {
			t.Errorf("%q: %v", c.source, err)
		}
	}
}

func TestManyMistakesAreCut(t *testing.T) {
	_, err := Parse([]byte(strings.Repeat("- x\n", 5)+"\n"), "f")
	if err == nil {
		t.Fatal("a list is no scenario")
	}
	var b strings.Builder
	for _, c := range "abcdefghij" {
		b.WriteString("zz" + string(c) + ": 1\n")
	}
	_, err = Parse([]byte(b.String()), "f")
	if err == nil || !strings.Contains(err.Error(), "\nand 6 more") { // and that streams are missing
		t.Errorf("%v", err)
	}
}

// What would take a parser long, or all memory, is refused.
func TestHugeSourcesAreRefused(t *testing.T) {
	aliases := "x-a: &a [1,1,1,1,1,1,1,1,1,1]\n"
	for _, c := range "bcdefgh" {
		before := string(c - 1)
		aliases += "x-" + string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+before+",", 10), ",") + "]\n"
	}
	for name, source := range map[string]string{
		"long":     strings.Repeat("# comment\n", 40_000),
		"brackets": "a: " + strings.Repeat("[", 5000),
		"dashes":   strings.Repeat("- ", 5000),
		"aliases":  aliases + "target: http://localhost\nduration: 1s\nstreams: {a: {load: 1/s, requests: *h}}",
	} {
		if _, err := Parse([]byte(source), "f"); err == nil {
			t.Errorf("%s: accepted", name)
		} else if len(err.Error()) > 10_000 {
			t.Errorf("%s: a message of %d bytes", name, len(err.Error()))
		}
	}
}
