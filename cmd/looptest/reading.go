package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/attack/record"
)

// readable is what report, plot, convert and compare take, for their help.
const readable = `Any record can be read: a run folder, finished or not; a samples.parquet; vegeta's
gob, JSON and CSV; looptest's CSV; an HDR percentile file (.hgrm). What a file
is, its content tells. "-" is standard input.`

var errWhichRecords = errors.New("which records? give run folders or files, or pipe one in")

// input is the recordings that a command was given, read as one.
type input struct {
	names []string // as the user gave them
	parts []*record.Reader
	all   *record.Reader // the parts merged
}

// openInput opens what is named, or standard input when nothing is and something
// is piped there.
func openInput(cmd *cobra.Command, args []string) (*input, error) {
	if len(args) == 0 {
		if file, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(file.Fd())) {
			return nil, errWhichRecords
		}
		args = []string{"-"}
	}
	in := &input{names: args}
	for i, name := range args {
		if at := slices.IndexFunc(args[:i], func(other string) bool { return filepath.Clean(other) == filepath.Clean(name) }); at >= 0 {
			return nil, errors.Join(fmt.Errorf("%q is given twice", name), in.close())
		}
		r, err := openRecord(cmd.InOrStdin(), name)
		if err != nil {
			return nil, errors.Join(err, in.close())
		}
		in.parts = append(in.parts, r)
	}
	in.all = record.Merge(in.parts...)
	return in, nil
}

// part is one of the recordings by itself.
func (in *input) part(i int) *input {
	return &input{names: in.names[i : i+1], parts: in.parts[i : i+1], all: in.parts[i]}
}

func (in *input) close() error {
	var failed error
	for _, r := range in.parts {
		failed = errors.Join(failed, r.Close())
	}
	return failed
}

// openRecord opens one recording; its error names it and says what to do.
func openRecord(stdin io.Reader, name string) (*record.Reader, error) {
	if name == "-" {
		r, err := record.OpenStream(stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input can't be read as a record: %w; give run folders or files, or pipe one in", err)
		}
		return r, nil
	}
	r, err := record.Open(name)
	switch {
	case err == nil:
		return r, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%q is not there; give a run folder, as attack and run make them, or a file of records", name)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%q may not be read by this user", name)
	}
	if info, failed := os.Stat(name); failed == nil && info.IsDir() {
		return nil, fmt.Errorf("%w%s", err, hintFor(name))
	}
	hint := ""
	if strings.Contains(err.Error(), "as vegeta's gob") { // it was taken for the format that nothing tells
		hint = "; what can be read are run folders, .parquet, vegeta's gob, JSON and CSV, looptest's CSV and .hgrm"
	}
	return nil, fmt.Errorf("%q can't be read as a record: %s%s", name, strings.TrimPrefix(err.Error(), name+": "), hint)
}

// hintFor says what may have been meant by a folder that is no recording.
func hintFor(path string) string {
	if _, err := os.Stat(filepath.Join(path, "bench.json")); err == nil {
		return "; it holds what bench found: see its index.md"
	}
	runs, _ := filepath.Glob(filepath.Join(path, "*", "run.json")) // an odd name only costs the hint
	if len(runs) == 0 {
		return ""
	}
	newest := slices.MaxFunc(runs, func(a, b string) int { return changed(a).Compare(changed(b)) })
	return fmt.Sprintf("; did you mean %s?", filepath.Dir(newest))
}

// changed is when a file was written; the zero time when it can't be told.
func changed(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// title is what was recorded, for a heading.
func (in *input) title() string {
	var names []string
	for _, name := range in.names {
		if name == "-" {
			name = "standard input"
		}
		names = append(names, name)
	}
	if len(names) > 3 {
		return fmt.Sprintf("%s and %d more", enumerate(names[:2]), len(names)-2)
	}
	return enumerate(names)
}

// load sums the samples up, with a goroutine for each processor.
func (in *input) load(ctx context.Context, layout analysis.Layout) (analysis.Load, error) {
	var tallies []*analysis.Tally
	err := in.all.SamplesParallel(0, func() func([]attack.Sample) error {
		t := analysis.NewTally(layout)
		tallies = append(tallies, t)
		return func(batch []attack.Sample) error {
			t.AddBatch(batch)
			return ctx.Err()
		}
	})
	if err != nil {
		return analysis.Load{}, in.failed(ctx, err)
	}
	sum := tallies[0]
	for _, t := range tallies[1:] {
		sum.Merge(t)
	}
	lag, err := in.all.Lag()
	if err != nil {
		return analysis.Load{}, in.failed(ctx, err)
	}
	sum.AddLag(lag)
	return sum.Load(countsFor(layout, in.all.Head().Counts)), nil
}

// failed says why reading came to no end.
func (in *input) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return failure{exitInterrupted, errors.New("interrupted")}
	}
	return unable(fmt.Errorf("%s can't be read to the end: %w", in.title(), err))
}

// countsFor gives the accounts of the layout's streams in its order; nil when they
// don't go with them.
func countsFor(layout analysis.Layout, counts []attack.StreamCount) []attack.StreamCount {
	if len(counts) != len(layout.Streams) {
		return nil
	}
	for i, s := range layout.Streams {
		if counts[i].Name != s.Name {
			return nil
		}
	}
	return counts
}
