package reports

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/looptest/looptest/analysis"
	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// PatternTable writes what the reference server offers as Markdown: a table for
// each guide, with the routes of a section together, what each does, and the
// claims that stand on it.
func PatternTable(w io.Writer, routes []target.Route, all []claims.Claim, s claims.Settings) error {
	return whole(w, func(w io.Writer) error {
		uses := usesOf(all, s)
		for i, g := range guidesOf(routes) {
			if i > 0 {
				fmt.Fprintln(w)
			}
			g.write(w, uses)
		}
		return nil
	})
}

// patternGuide is the routes that come from one guide, by its sections.
type patternGuide struct {
	name     string // empty for routes that come from none
	sections []patternSection
}

type patternSection struct {
	name   string
	routes []target.Route
}

// guidesOf groups routes by guide and section, in the order of the first route of
// each; what comes from no guide is last.
func guidesOf(routes []target.Route) []patternGuide {
	var guides []patternGuide
	for _, r := range routes {
		guide, section, _ := strings.Cut(r.Guide, ": ")
		g := slices.IndexFunc(guides, func(g patternGuide) bool { return g.name == guide })
		if g < 0 {
			g = len(guides)
			guides = append(guides, patternGuide{name: guide})
		}
		guides[g].add(section, r)
	}
	slices.SortStableFunc(guides, func(a, b patternGuide) int { return none(a.name) - none(b.name) })
	return guides
}

func none(name string) int {
	if name == "" {
		return 1
	}
	return 0
}

func (g *patternGuide) add(section string, r target.Route) {
	i := slices.IndexFunc(g.sections, func(s patternSection) bool { return s.name == section })
	if i < 0 {
		i = len(g.sections)
		g.sections = append(g.sections, patternSection{name: section})
	}
	g.sections[i].routes = append(g.sections[i].routes, r)
}

func (g patternGuide) write(w io.Writer, uses patternUses) {
	title := g.name
	if title == "" {
		title = "Of the server itself"
	}
	fmt.Fprintf(w, "**%s**\n\n", title)
	writeCells(w, "route", "parameters", "what it does", "kind of work", "claims")
	writeCells(w, "---", "---", "---", "---", "---")
	for _, s := range g.sections {
		if s.name != "" {
			writeCells(w, "*"+s.name+"*", "", "", "", "")
		}
		for _, r := range s.routes {
			writeCells(w, "`"+r.Path+"`", paramsCell(r.Params), r.Does, workCell(r), uses.cell(r.Path))
		}
	}
}

// writeCells writes a line of a table that is as narrow as its texts.
func writeCells(w io.Writer, cells ...string) {
	line := "|"
	for _, text := range cells {
		if text != "" {
			line += " " + strings.ReplaceAll(text, "|", `\|`)
		}
		line += " |"
	}
	fmt.Fprintln(w, line)
}

// paramsCell gives the parameters with their defaults, and what else there is to
// choose from.
func paramsCell(params []target.Param) string {
	texts := make([]string, len(params))
	for i, p := range params {
		choices := []string{"`" + strings.TrimSuffix(p.Name+"="+p.Default, "=") + "`"}
		for _, c := range p.Choices {
			if c != p.Default {
				choices = append(choices, c)
			}
		}
		texts[i] = strings.Join(choices, ", ")
	}
	return strings.Join(texts, between)
}

// workCell names each kind of work once, with when it is that.
func workCell(r target.Route) string {
	var kinds []target.Kind
	when := map[target.Kind][]string{}
	for _, work := range r.Work {
		if !slices.Contains(kinds, work.Kind) {
			kinds = append(kinds, work.Kind)
		}
		if work.When != "" {
			when[work.Kind] = append(when[work.Kind], choiceOf(r.Params, work.When))
		}
	}
	texts := make([]string, len(kinds))
	for i, k := range kinds {
		texts[i] = string(k)
		if len(when[k]) > 0 {
			texts[i] += " (" + strings.Join(when[k], ", ") + ")"
		}
	}
	return strings.Join(texts, ", ")
}

// choiceOf leaves out the name of a parameter before one of its choices, which are
// beside it.
func choiceOf(params []target.Param, when string) string {
	name, value, _ := strings.Cut(when, "=")
	for _, p := range params {
		if p.Name == name && slices.Contains(p.Choices, value) {
			return value
		}
	}
	return when
}

// patternUses gives by path the claims that ask for it: as what they examine, and
// as their probe alone.
type patternUses struct{ examine, probe map[string][]string }

func usesOf(all []claims.Claim, s claims.Settings) patternUses {
	u := patternUses{map[string][]string{}, map[string][]string{}}
	for _, c := range all {
		probing := map[string]bool{} // by path: asked for by probes alone
		for _, arm := range c.Arms(s) {
			for _, stream := range arm.Streams {
				for _, r := range stream.Requests {
					path := pathOf(r.URL)
					alone, known := probing[path]
					probing[path] = stream.Role == attack.Probe && (alone || !known)
				}
			}
		}
		for path, alone := range probing {
			if alone {
				u.probe[path] = append(u.probe[path], c.Name)
			} else {
				u.examine[path] = append(u.examine[path], c.Name)
			}
		}
	}
	return u
}

func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Path
}

// probesNamed is how many claims that probe a route are named; of more their
// number says enough.
const probesNamed = 2

func (u patternUses) cell(path string) string {
	names, probes := slices.Clone(u.examine[path]), u.probe[path]
	if len(probes) <= probesNamed {
		names, probes = append(names, probes...), nil
	}
	for i, name := range names {
		names[i] = "`" + name + "`"
	}
	if len(probes) > 0 {
		names = append(names, "probe of "+analysis.Count(len(probes), "claim"))
	}
	return strings.Join(names, ", ")
}
