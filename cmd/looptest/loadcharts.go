package main

import (
	"errors"
	"io"

	"github.com/looptest/looptest/reports"
)

// picture is a chart that is drawn and not yet written.
type picture struct {
	name    string // of its file
	content []byte
}

// drawLoadCharts draws the pictures of a load. One that can't be drawn does not
// cost the others.
func drawLoadCharts(format string, a reports.Attack) (drawn []picture, failed error) {
	for _, chart := range reports.LoadCharts {
		content, err := asBytes(func(w io.Writer) error { return a.Draw(w, format, chart) })
		switch {
		case err == nil:
			drawn = append(drawn, picture{string(chart) + "." + format, content})
		case !errors.Is(err, reports.ErrNothingToDraw):
			failed = errors.Join(failed, err)
		}
	}
	return drawn, failed
}

// writePictures gives the paths of those that could be written.
func writePictures(out outFolder, pictures []picture) (paths []string, failed error) {
	for _, p := range pictures {
		path, err := out.write(p.name, func(w io.Writer) error {
			_, err := w.Write(p.content)
			return err
		})
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		paths = append(paths, path)
	}
	return paths, failed
}

// writeLoadCharts draws the pictures of a load into the folder and gives their
// paths.
func writeLoadCharts(out outFolder, format string, a reports.Attack) (paths []string, failed error) {
	drawn, undrawn := drawLoadCharts(format, a)
	paths, failed = writePictures(out, drawn)
	return paths, errors.Join(undrawn, failed)
}
