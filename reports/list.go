package reports

import (
	"fmt"
	"io"

	"github.com/looptest/looptest/analysis/claims"
)

// ClaimList writes what claims there are, what each proves and how long it takes.
func ClaimList(w io.Writer, all []claims.Claim, s claims.Settings) error {
	return whole(w, func(w io.Writer) error {
		for _, c := range all {
			fmt.Fprintf(w, "%-12s %s (about %.0f s)\n", c.Name, c.Proves, takes(c, s))
		}
		return nil
	})
}

// ClaimListJSON is ClaimList for programs.
func ClaimListJSON(w io.Writer, all []claims.Claim, s claims.Settings) error {
	type item struct {
		Name   string  `json:"name"`
		Proves string  `json:"proves"`
		Takes  float64 `json:"takes_s"`
	}
	list := struct {
		Version int    `json:"version"`
		Command string `json:"command"`
		Claims  []item `json:"claims"`
	}{FormatVersion, "bench", []item{}}
	for _, c := range all {
		list.Claims = append(list.Claims, item{c.Name, c.Proves, takes(c, s)})
	}
	return writeJSON(w, list)
}

// takes is how long a claim takes by itself, in seconds; claims that are run
// together share arms and take less.
func takes(c claims.Claim, s claims.Settings) float64 {
	return claims.Studies([]claims.Claim{c}, s)[0].Plan(s).Takes().Seconds()
}
