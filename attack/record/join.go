package record

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// listing is the Parquet files of a run folder: the whole where there is one,
// else its parts in order.
type listing struct {
	samples, lags []string
}

func list(dir string) (listing, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return listing{}, err
	}
	var all []string
	for _, e := range entries {
		if !e.IsDir() {
			all = append(all, e.Name())
		}
	}
	return listing{wholeOrParts(all, samplesName), wholeOrParts(all, lagName)}, nil
}

func wholeOrParts(all []string, name string) []string {
	if slices.Contains(all, name+parquetSuffix) {
		return []string{name + parquetSuffix} // parts beside it are left-overs: it is renamed when complete
	}
	return partsOf(all, name)
}

func partsOf(all []string, name string) []string {
	numbers := map[string]int{}
	var found []string
	for _, n := range all {
		middle, ok := strings.CutPrefix(n, name+"-")
		middle, parquet := strings.CutSuffix(middle, parquetSuffix)
		number, err := strconv.Atoi(middle)
		if ok && parquet && err == nil {
			numbers[n] = number
			found = append(found, n)
		}
	}
	slices.SortFunc(found, func(a, b string) int { return numbers[a] - numbers[b] })
	return found
}

// join makes one file of the parts of each kind, and removes them once it stands.
func join(dir string, d disk, h Head) error {
	found, err := list(dir)
	if err != nil {
		return err
	}
	r := &Reader{head: h}
	r.addParts(dir, found)
	err = replace(d, samplesName+parquetSuffix, func(w io.Writer) error {
		t := newTable(w, h.brief(), sampleRows(h.Streams))
		return errors.Join(r.Samples(func(batch []attack.Sample) error { return t.write(batch) }), t.close())
	})
	if err == nil && len(found.lags) > 0 {
		err = replace(d, lagName+parquetSuffix, func(w io.Writer) error {
			t := newTable(w, h.brief(), lagToRow)
			return errors.Join(r.Lags(func(batch []target.LagReading) error { return t.write(batch) }), t.close())
		})
	}
	if err != nil {
		return fmt.Errorf("the parts can't be joined, and stay as they are: %w", err)
	}
	if len(r.Warnings()) > 0 {
		return nil // a part that can't be read is kept for whoever can
	}
	for _, part := range append(found.samples, found.lags...) {
		err = errors.Join(err, d.remove(part))
	}
	return err
}
