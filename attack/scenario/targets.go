package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/looptest/looptest/attack"
)

// Bounds of a file of targets.
const (
	maxTargets     = 100_000
	maxTargetsFile = 64 << 20
	maxTargetLine  = 64<<10 - 2 // a longer line of the http format is where vegeta stops reading
)

// ReadTargets reads requests in vegeta's "http" or "json" target format. Body
// files (@path) are relative to the working folder.
func ReadTargets(r io.Reader, format string) ([]attack.Request, error) {
	source, err := io.ReadAll(io.LimitReader(r, maxTargetsFile+1))
	switch {
	case err != nil:
		return nil, err
	case len(source) > maxTargetsFile:
		return nil, fmt.Errorf("the targets are longer than %d MiB", maxTargetsFile>>20)
	}
	return readTargets(source, format, worldAt("."))
}

func readTargets(source []byte, format string, w *world) ([]attack.Request, error) {
	var next vegeta.Targeter
	switch format {
	case vegeta.HTTPTargetFormat:
		source, err := withBodies(source, w)
		if err != nil {
			return nil, err
		}
		next = vegeta.NewHTTPTargeter(bytes.NewReader(source), nil, nil)
	case vegeta.JSONTargetFormat:
		// Vegeta leaves out a last line without its end.
		next = vegeta.NewJSONTargeter(bytes.NewReader(append(slices.Clone(source), '\n')), nil, nil)
	default:
		return nil, fmt.Errorf("%q is no format of targets; there are http and json", clipped(format))
	}
	var all []attack.Request
	for {
		var t vegeta.Target
		err := next(&t)
		if errors.Is(err, vegeta.ErrNoTargets) {
			break
		}
		if err == nil {
			err = targetError(t)
		}
		if err != nil {
			return nil, fmt.Errorf("target %d: %w", len(all)+1, err)
		}
		if all = append(all, attack.Request{Method: t.Method, URL: t.URL, Header: t.Header, Body: t.Body}); len(all) > maxTargets {
			return nil, fmt.Errorf("there are more than %d targets", maxTargets)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("there are no targets")
	}
	return all, nil
}

// targetError says why a target can't be sent.
func targetError(t vegeta.Target) error {
	if err := methodError(t.Method); err != nil {
		return err
	}
	for name, values := range t.Header {
		if err := headerName(name); err != nil {
			return err
		}
		for _, v := range values {
			if _, err := headerValue(v); err != nil {
				return err
			}
		}
	}
	return urlError(t.URL)
}

// withBodies checks the body files of the http format, which vegeta opens
// whatever they are, and makes their paths start at the world's folder.
func withBodies(source []byte, w *world) ([]byte, error) {
	var b bytes.Buffer
	number, total := 0, int64(0)
	for line := range bytes.Lines(source) {
		number++
		text := strings.TrimSpace(string(line))
		if len(line) > maxTargetLine {
			return nil, fmt.Errorf("line %d is longer than %d KiB; put bodies into files (@path)", number, (maxTargetLine+2)>>10)
		}
		path, isBody := strings.CutPrefix(text, "@")
		if !isBody {
			b.WriteString(text + "\n")
			continue
		}
		content, err := w.read(path, maxBodyFile)
		if total += int64(len(content)); err == nil && total > maxBodies {
			err = fmt.Errorf("the bodies hold more than %d MiB in all", maxBodies>>20)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		b.WriteString("@" + w.path(path) + "\n")
	}
	return b.Bytes(), nil
}

// targets reads the file of a stream's targets.
func (b *building) targets(spec *targetsSpec, base headers) []attack.Request {
	at := spec.at.child("file")
	if at.node.kind != scalar {
		at = spec.at
	}
	format := spec.Format
	if format == "" {
		format = "http"
		if slices.Contains([]string{".json", ".jsonl", ".ndjson"}, strings.ToLower(filepath.Ext(spec.File))) {
			format = "json"
		}
	}
	source, err := b.world.read(spec.File, maxTargetsFile)
	if err != nil {
		b.add(at, "%v", hidden(at, err))
		return nil
	}
	all, err := readTargets(source, format, b.world.at(filepath.Dir(b.world.path(spec.File))))
	if err != nil {
		b.add(at, "%s: %v", spec.File, err)
	}
	for i := range all {
		for name, values := range base {
			if _, own := all[i].Header[name]; own {
				continue
			}
			if all[i].Header == nil {
				all[i].Header = http.Header{}
			}
			all[i].Header[name] = values
		}
	}
	return all
}
