package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/reports"
	"github.com/looptest/looptest/target"
)

// runsFolder is where a bench keeps its settings and its blocks, within its
// folder.
const runsFolder = "runs"

const settingsFile = "settings.json"

// benchState is what a bench needs to be gone on with.
type benchState struct {
	Version     int                `json:"version"`
	Claims      []string           `json:"claims"`
	Rate        float64            `json:"rate"`
	Blocks      int                `json:"blocks"`
	Quick       bool               `json:"quick"`
	Seed        uint64             `json:"seed"`
	Unit        target.Unit        `json:"unit_additions"`
	Environment attack.Environment `json:"environment"`
	Database    string             `json:"database"` // without its password
	claims.Measured
}

const stateVersion = 1

// earlierRuns is what an earlier session left of a study.
type earlierRuns struct {
	runs   []attack.Run
	blocks int
}

// begin clears an older bench out of the folder and notes the settings of this
// one. It waits until there is a block to keep, so that a bench that is broken
// off at once costs the older one nothing.
func (b *benching) begin() error {
	if b.begun {
		return nil
	}
	b.begun = true
	if err := b.clear(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(string(b.out), runsFolder), 0o755); err != nil {
		return err
	}
	state := benchState{
		Version: stateVersion, Claims: namesOf(b.chosen), Rate: b.settings.Rate, Blocks: b.settings.Blocks, Quick: b.settings.Quick,
		Seed: b.settings.Seed, Unit: b.settings.Target.Unit, Measured: b.settings.Measured, Environment: attack.ReadEnvironment(),
		Database: b.settings.Database.String(),
	}
	_, err := b.out.write(filepath.Join(runsFolder, settingsFile), func(w io.Writer) error { return json.NewEncoder(w).Encode(state) })
	return err
}

// clear removes what benches write: blocks, and the charts of every claim.
func (b *benching) clear() error {
	patterns := []string{filepath.Join(runsFolder, "*"+blockEnding), "overview.*"}
	for _, claim := range claimNames() {
		for _, format := range reports.Formats {
			patterns = append(patterns, claim+"-*."+format)
		}
	}
	for _, pattern := range patterns {
		old, err := filepath.Glob(filepath.Join(string(b.out), pattern))
		if err != nil {
			return err
		}
		for _, path := range old {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}

const blockEnding = ".jsonl.gz"

// blockFile names the file of a study's block.
func blockFile(st claims.Study, block int) string {
	return fmt.Sprintf("%s-block-%03d%s", strings.ReplaceAll(st.Name(), ", ", "+"), block+1, blockEnding)
}

// keepBlock writes a block that came to its end.
func (b *benching) keepBlock(st claims.Study, runs []attack.Run) error {
	if err := b.begin(); err != nil {
		return err
	}
	name := filepath.Join(runsFolder, blockFile(st, runs[0].Block))
	_, err := b.out.write(name, func(w io.Writer) error { return attack.SaveRuns(w, runs) })
	return err
}

// resume takes the settings and the blocks from the folder of an earlier bench.
func (b *benching) resume(cmd *cobra.Command) error {
	for _, flag := range []string{"out", "rate", "quick", "seed"} {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--%s is taken from the bench that --resume goes on with; leave it out", flag)
		}
	}
	if cmd.Flags().NArg() > 0 {
		return errors.New("the claims are taken from the bench that --resume goes on with; leave them out")
	}
	state, err := readState(b.flags.resume)
	if err != nil {
		return err
	}
	if b.chosen, err = chooseClaims(state.Claims); err != nil {
		return fmt.Errorf("--resume %q: %w", b.flags.resume, err)
	}
	s := &b.settings
	if here := s.Database.String(); state.Database != "" && here != state.Database {
		return fmt.Errorf("--resume %q was measured with the database %s, and not with %s; give it with --db", b.flags.resume, state.Database, here)
	}
	if b.out, err = openFolder(b.flags.resume); err != nil {
		return unable(err)
	}
	s.Rate, s.Quick, s.Seed, s.Measured, s.Target.Unit = state.Rate, state.Quick, state.Seed, state.Measured, state.Unit
	if !cmd.Flags().Changed("blocks") {
		s.Blocks = state.Blocks
	}
	if s.Target.Exe, err = ownProgram(); err != nil {
		return unable(err)
	}
	if err := b.load(); err != nil {
		return unable(err)
	}
	b.begun = true
	return nil
}

// readState reads what begin wrote, and refuses what was measured elsewhere.
func readState(folder string) (benchState, error) {
	var state benchState
	data, err := os.ReadFile(filepath.Join(folder, runsFolder, settingsFile))
	if err != nil {
		return state, fmt.Errorf("--resume %q holds no bench to go on with: %w", folder, err)
	}
	if err := json.Unmarshal(data, &state); err != nil || state.Version != stateVersion {
		return state, fmt.Errorf("--resume %q: %s can't be read (version %d, %v); start anew with --out", folder, settingsFile, state.Version, err)
	}
	here, there := attack.ReadEnvironment(), state.Environment
	if here.Machine() != there.Machine() {
		return state, fmt.Errorf("--resume %q was measured on another machine (%s; this is %s); start anew with --out", folder, there.Machine(), here.Machine())
	}
	return state, nil
}

// load reads the blocks that are there, up to the first that is missing.
func (b *benching) load() error {
	b.earlier = map[string]earlierRuns{}
	for _, st := range claims.Studies(b.chosen, b.settings) {
		var e earlierRuns
		for ; ; e.blocks++ {
			path := filepath.Join(string(b.out), runsFolder, blockFile(st, e.blocks))
			runs, err := readBlock(path)
			if errors.Is(err, os.ErrNotExist) {
				break
			}
			if err != nil {
				return fmt.Errorf("%s: %w\nhint: delete it to measure that block again", path, err)
			}
			e.runs = append(e.runs, runs...)
		}
		b.earlier[st.Name()] = e
	}
	return nil
}

func readBlock(path string) ([]attack.Run, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return attack.LoadRuns(f)
}

// kept is how many blocks an earlier session left.
func (b *benching) kept() int {
	n := 0
	for _, e := range b.earlier {
		n += e.blocks
	}
	return n
}
