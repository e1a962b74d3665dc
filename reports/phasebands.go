package reports

import (
	"fmt"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/attack"
)

// phaseBands are the load's phases along an x axis.
type phaseBands []attack.Phase

// bands gives the phases when there is more than one to tell apart.
func (a Attack) bands() phaseBands {
	if phases := a.Load.Layout.Phases; len(phases) > 1 || len(phases) == 1 && phases[0].Name != "" {
		return phases
	}
	return nil
}

var (
	phaseColour = pale(hue.grey, 0.12)
	phaseLine   = draw.LineStyle{Color: hue.grey, Width: 0.8}
	phaseInk    = labelInk
)

// phaseLines is how many lines a phase's name may take.
const phaseLines = 2

// draw fills every second phase and draws a line where each begins.
func (b phaseBands) draw(p panel) {
	for i, phase := range b {
		from, to := b.place(p, i)
		if i%2 == 1 {
			p.FillPolygon(phaseColour, []vg.Point{{X: from, Y: p.Min.Y}, {X: to, Y: p.Min.Y}, {X: to, Y: p.Max.Y}, {X: from, Y: p.Max.Y}})
		}
		if phase.Begins > 0 {
			p.StrokeLine2(phaseLine, from, p.Min.Y, from, p.Max.Y)
		}
	}
}

func (b phaseBands) place(p panel, i int) (from, to vg.Length) {
	return p.at(point{x: float64(b[i].Begins)}).X, p.at(point{x: float64(b[i].Begins + b[i].Lasts)}).X
}

// strip writes the phases' names above the first panel.
func (b phaseBands) strip(p panel) strip {
	most := 0
	for i := range b {
		lines, _ := b.label(p, i)
		most = max(most, len(lines))
	}
	if most == 0 {
		return strip{}
	}
	return strip{height: phaseInk.line()*vg.Length(most) + 2, draw: b.names}
}

// names writes what stands over each band.
func (b phaseBands) names(p panel) {
	for i := range b {
		lines, _ := b.label(p, i)
		from, to := b.place(p, i)
		y := p.Max.Y + phaseInk.line()*vg.Length(len(lines)-1) + 4
		for _, line := range lines {
			phaseInk.write(p, vg.Point{X: (from + to) / 2, Y: y}, 0.5, line)
			y -= phaseInk.line()
		}
	}
}

// label gives a phase's name in lines, or its number where the name has no room
// over the band, and nothing where the number has none either.
func (b phaseBands) label(p panel, i int) (lines []string, named bool) {
	from, to := b.place(p, i)
	width := to - from - 4
	name := plain(b[i].Name)
	lines = phaseInk.wrap(name, width)
	whole := strings.Join(lines, " ") == strings.Join(strings.Fields(name), " ") // no word is broken
	if len(lines) <= phaseLines && phaseInk.widest(lines) <= width && whole {
		return lines, true
	}
	if number := strconv.Itoa(i + 1); phaseInk.width(number) <= width {
		return []string{number}, false
	}
	return nil, false
}

// legend lists the phases that are only numbered.
func (b phaseBands) legend(p panel) string {
	var names []string
	for i := range b {
		if _, named := b.label(p, i); !named {
			names = append(names, fmt.Sprintf("%d %s", i+1, plain(b[i].Name)))
		}
	}
	if len(names) == 0 {
		return ""
	}
	if len(names) > mostNamedPhases {
		names = append(names[:mostNamedPhases], "…")
	}
	return "phases: " + strings.Join(names, ", ")
}

// mostNamedPhases is how many a legend names.
const mostNamedPhases = 12
