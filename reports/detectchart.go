package reports

import (
	"fmt"
	"image/color"
	"io"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot/vg/draw"

	"github.com/looptest/looptest/analysis/detect"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// mostEvidence is of how many endpoints there is a picture.
const mostEvidence = 12

// DetectPicture is a picture of a scan.
type DetectPicture struct {
	Name string // of its file, without its ending
	make func() (figure, error)
}

// Pictures are those of the scan: an overview, and the evidence of each of the most
// harmful endpoints that are not trivial.
func (d Detect) Pictures() []DetectPicture {
	pictures := []DetectPicture{{"detect-overview", d.overview}}
	for _, f := range d.ranked() {
		if f.Kind == target.Trivial || len(f.Stall.Trials) == 0 || len(pictures) > mostEvidence {
			continue
		}
		name := fmt.Sprintf("detect-%02d-%s", len(pictures), fileName(f.Endpoint.Request.Label()))
		pictures = append(pictures, DetectPicture{name, func() (figure, error) { return d.evidence(f) }})
	}
	return pictures
}

// Draw writes the picture in one of Formats: 1600 pixels wide and at least 900 high.
// ErrNothingToDraw is in its error when there is nothing to show. Nothing is written
// when there is an error.
func (p DetectPicture) Draw(w io.Writer, format string) error {
	if !slices.Contains(Formats, format) {
		return unknownFormat(format)
	}
	f, err := p.make()
	if err == nil {
		err = f.write(w, format)
	}
	if err != nil {
		return fmt.Errorf("chart %q: %w", p.Name, err)
	}
	return nil
}

// fileNameMost is how long a part of a file's name may become.
const fileNameMost = 40

// fileName makes a name from outside fit to be a part of a file's: lower-case
// letters, digits, and dashes between them.
func fileName(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == fileNameMost {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}

func (d Detect) foot() string {
	parts := []string{"target: " + plain(d.Target)}
	if d.Environment.OS != "" {
		parts = append(parts, d.Environment.Machine())
	}
	if !d.Began.IsZero() {
		parts = append(parts, d.Began.Format(time.DateOnly))
	}
	parts = append(parts, fmt.Sprintf("seed %x", d.Seed))
	if d.Version != "" {
		parts = append(parts, "looptest "+plain(d.Version))
	}
	return strings.Join(parts, between)
}

// probeText names the probe and its rate.
func (d Detect) probeText() string {
	return fmt.Sprintf("probe %s at %s", plain(d.Probe.Label()), rateText(detect.ProbeRate))
}

// kindLook is how a kind of work looks: told apart by shape, and coloured as arms of
// that kind are in every chart.
type kindLook struct {
	look  attack.Look
	shape draw.GlyphDrawer
}

var kindLooks = map[target.Kind]kindLook{
	target.Blocking:       {attack.LookBlock, draw.CircleGlyph{}},
	target.PartlyBlocking: {attack.LookBlock, corners{4, 45}},
	target.Processes:      {attack.LookBlock, corners{4, 0}},
	target.Cooperative:    {attack.LookChunk, corners{3, 90}},
	target.OffLoop:        {attack.LookPool, corners{3, -90}},
	target.Waiting:        {attack.LookWorker, hollow{4, 45}},
	target.Trivial:        {attack.LookIdle, hollow{4, 0}},
	target.Sheds:          {attack.LookIdle, cross{}},
	target.Unsure:         {attack.LookIdle, hollow{3, 90}},
}

func (k kindLook) colour() color.RGBA { return lookColour(k.look) }

// lookOf is a finding's; a kind that isn't known looks as what can't be told.
func lookOf(f detect.Finding) kindLook {
	if k, known := kindLooks[f.Kind]; known {
		return k
	}
	return kindLooks[target.Unsure]
}
