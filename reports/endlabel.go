package reports

import (
	"math"

	"gonum.org/v1/plot/vg"
)

const endLabelWide vg.Length = 150

// endLabel is what stands right of a panel: a curve's name, or the limit's text.
type endLabel struct {
	lines []string
	ink   ink
	at    point // where it leads to
	bare  bool  // it leads nowhere
}

func (l endLabel) height() vg.Length { return l.ink.line()*vg.Length(len(l.lines)) + 2 }

func (m measure) endLabels() []endLabel {
	var labels []endLabel
	for _, c := range m.curves {
		if c.name == "" {
			continue
		}
		l := endLabel{ink: nameInk.in(lookColour(c.look))}
		if n := len(c.points); n > 0 {
			l.at = c.points[n-1].point
			l.lines = l.ink.wrap(c.name, endLabelWide)
		} else {
			l.bare, l.at = true, point{0, m.y.low}
			l.lines = l.ink.wrap(c.name+": no value", endLabelWide)
		}
		labels = append(labels, l)
	}
	if m.limit != nil {
		text := m.limit.Text
		if text == "" {
			text = m.quantity.write(m.limit.Value)
		}
		ink := labelInk.in(hue.black)
		end := point{math.Inf(1), m.limit.Value} // wherever the x axis ends
		labels = append(labels, endLabel{lines: ink.wrap(text, endLabelWide), ink: ink, at: end})
	}
	return labels
}

func widestLabel(labels []endLabel) vg.Length {
	var most vg.Length
	for _, l := range labels {
		most = max(most, l.ink.widest(l.lines))
	}
	return most
}

// nameCurves writes the names right of the panel, as near to the curves' ends
// as the others allow, and leads thin lines there.
func (m measure) nameCurves(p panel) {
	labels := m.endLabels()
	slots := make([]slot, len(labels))
	for i, l := range labels {
		slots[i] = slot{wish: p.Y(p.y.place(l.at.y)), height: l.height()}
	}
	spread(slots, p.Min.Y, p.Max.Y)
	for i, l := range labels {
		corner := vg.Point{X: p.Max.X + tailLabelGap, Y: slots[i].middle + l.height()/2}
		if !l.bare {
			end := p.at(l.at)
			p.StrokeLines(leaderLine, []vg.Point{
				end, {X: max(end.X, p.Max.X), Y: end.Y}, {X: corner.X - 4, Y: slots[i].middle},
			})
		}
		writeLines(p, l.ink, corner, l.lines)
	}
}
