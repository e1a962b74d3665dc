package scenario

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/looptest/looptest/target"
)

// lasting is a duration, more than zero.
type lasting time.Duration

func (l *lasting) decode(d *decoding, at place) {
	*l = lasting(parsed(d, at, "a duration such as 30s", parseDuration))
}

// rate is requests per second.
type rate float64

func (r *rate) decode(d *decoding, at place) {
	*r = rate(parsed(d, at, "a rate such as 200/s", parseRate))
}

// size is a number of bytes.
type size int64

func (s *size) decode(d *decoding, at place) {
	*s = size(parsed(d, at, "a size such as 1MiB", parseSize))
}

// pattern is a regular expression in Go's syntax.
type pattern struct{ *regexp.Regexp }

func (p *pattern) decode(d *decoding, at place) {
	p.Regexp = parsed(d, at, "a regular expression", parsePattern)
}

// maxPattern bounds a regular expression, which is kept compiled.
const maxPattern = 4096

func parsePattern(text string) (*regexp.Regexp, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("is longer than %d bytes", maxPattern)
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("%q is no regular expression: %s", clipped(text), strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return compiled, nil
}

// codes are the statuses that count as an answer.
type codes []codeRange

type codeRange struct{ from, to int }

func (c *codes) decode(d *decoding, at place) {
	if at.node.kind != sequence {
		*c = codes{parsed(d, at, "a status such as 200 or 2xx, or a list of them", parseCode)}
		return
	}
	for i := range at.node.items {
		*c = append(*c, parsed(d, at.item(i), "a status such as 200 or 2xx", parseCode))
	}
	if len(*c) == 0 {
		d.add(at, "is an empty list; name a status such as 200 or 2xx")
	}
}

var codeForm = regexp.MustCompile(`^[1-5]([0-9]{2}|xx)$`)

func parseCode(text string) (codeRange, error) {
	if !codeForm.MatchString(text) {
		return codeRange{}, fmt.Errorf("%q is no status; write it as 200 or 2xx", clipped(text))
	}
	from, err := strconv.Atoi(text)
	if err == nil {
		return codeRange{from, from}, nil
	}
	from = int(text[0]-'0') * 100
	return codeRange{from, from + 99}, nil
}

// expects is attack.Stream's function; nil for none.
func (c codes) expects() func(int) bool {
	if len(c) == 0 {
		return nil
	}
	return func(code int) bool {
		for _, r := range c {
			if code >= r.from && code <= r.to {
				return true
			}
		}
		return false
	}
}

// words are a command: one text, split as a shell splits words, or a list.
type words []string

func (w *words) decode(d *decoding, at place) {
	if at.node.kind == scalar {
		*w = parsed(d, at, "a command", splitCommand)
		return
	}
	if d.is(at, sequence, "a command: one text, or a list of words") {
		d.value(reflect.ValueOf(w).Elem(), at)
	}
}

// headers are names with a value, or with a list of values.
type headers http.Header

func (h *headers) decode(d *decoding, at place) {
	if !d.is(at, mapping, "a mapping from names to values") {
		return
	}
	*h = headers{}
	for _, pair := range at.node.pairs {
		if err := headerName(pair.key.text); err != nil {
			d.add(at.key(pair), "%v", err)
		}
		name, of := http.CanonicalHeaderKey(pair.key.text), at.under(pair)
		if of.node.kind != sequence {
			(*h)[name] = []string{parsed(d, of, "a header's value", headerValue)}
			continue
		}
		for i := range of.node.items {
			(*h)[name] = append((*h)[name], parsed(d, of.item(i), "a header's value", headerValue))
		}
	}
}

var headerForm = regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]+$")

func headerName(text string) error {
	if !headerForm.MatchString(text) {
		return fmt.Errorf("%q is no header's name", clipped(text))
	}
	return nil
}

func headerValue(text string) (string, error) {
	for _, c := range []byte(text) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return "", fmt.Errorf("a header's value has no line breaks or control characters")
		}
	}
	return text, nil
}

// over gives the headers, with those of base that they don't name.
func (h headers) over(base headers) http.Header {
	if len(h)+len(base) == 0 {
		return nil
	}
	all := http.Header{}
	for name, values := range base {
		all[name] = values
	}
	for name, values := range h {
		all[name] = values
	}
	return all
}

// budgetText is a bound as ParseBudget reads it.
type budgetText struct{ Budget }

func (b *budgetText) decode(d *decoding, at place) {
	b.Budget = parsed(d, at, "a budget such as p99 < 50ms", ParseBudget)
	b.Text = at.node.written
}

func splitCommand(text string) ([]string, error) {
	words, err := target.SplitCommand(text)
	if err == nil && len(words) == 0 {
		return nil, errors.New("names no program to run")
	}
	return words, err
}
