package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/looptest/looptest/"

// rooms are the packages in the order of the journey: each imports only from
// itself and from those before it.
var rooms = []string{"target/internal/ring", "target/internal/growth", "target/loop", "target/loop/fuzz", "target/loop/fuzz/cmd/fuzznode", "target/programs", "target", "target/speed", "attack", "attack/record", "attack/scenario", "analysis", "analysis/gate", "analysis/detect", "analysis/claims", "reports", "cmd/looptest", "cmd/internal/calibration", "cmd/gatecalibrate", "cmd/detectaccuracy"}

// contained says in which room, and those below it, a library may be imported;
// its tests count too.
var contained = map[string]string{
	"github.com/jellydator/ttlcache":    "target",
	"github.com/tsenart/vegeta":         "attack",
	"github.com/jackc/pgx":              "target",
	"modernc.org/sqlite":                "target",
	"github.com/parquet-go":             "attack/record",
	"gonum.org/v1/plot":                 "reports",
	"github.com/olekukonko/tablewriter": "reports",
	"github.com/spf13/cobra":            "cmd/looptest",
	"github.com/vbauerster/mpb":         "cmd/looptest",
}

func TestImportsRunOneWay(t *testing.T) {
	seen := map[string]bool{}
	eachImport(t, func(room, file, path string) {
		seen[room] = true
		own := slices.Index(rooms, room)
		if own < 0 {
			t.Errorf("%s: the room %q has no place in the order", file, room)
			return
		}
		if imported, ours := strings.CutPrefix(path, module); ours {
			if room == "target/loop" && imported == "target/loop/fuzz" && strings.HasSuffix(file, "_test.go") {
				return // the loop's tests hold it against the fuzzer's golden pairs
			}
			if place := slices.Index(rooms, imported); place < 0 || place > own {
				t.Errorf("%s imports %s, which comes after it", file, imported)
			}
		}
		for library, home := range contained {
			if strings.HasPrefix(path, library) && room != home && !strings.HasPrefix(room, home+"/") {
				t.Errorf("%s imports %s, which belongs to %s", file, path, home)
			}
		}
		if room == "target/loop" && strings.Contains(path, ".") && !strings.HasPrefix(path, module) && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s imports %s; the loop has only the standard library", file, path)
		}
	})
	for _, room := range rooms {
		if !seen[room] {
			t.Errorf("the room %s is not there any more", room)
		}
	}
}

// eachImport visits every import of the module's Go files.
func eachImport(t *testing.T, visit func(room, file, path string)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		for _, i := range file.Imports {
			imported, _ := strconv.Unquote(i.Path.Value)
			visit(filepath.ToSlash(filepath.Dir(name)), filepath.ToSlash(name), imported)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
