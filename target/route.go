package target

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Route is one path of the reference server.
type Route struct {
	Path   string
	Does   string // in a sentence
	Params []Param
	Work   []Work
	Guide  string          // the section of the guides that it comes from
	Always bool            // answered also when the server is too busy for others
	Handle func(*Exchange) // runs on the loop
}

// Work is the kind of a route's work under some of its parameters.
type Work struct {
	When string // e.g. "mode=block"; empty for always
	Kind Kind
}

// Param is a query parameter: one of Choices, a text that passes Check, or a whole
// number in a range.
type Param struct {
	Name     string
	Means    string // with its unit
	Default  string
	Choices  []string
	Min, Max int64
	Check    func(value string) error // its error is what the text must be
}

// Values is a request's parameters, checked and with their defaults.
type Values map[string]string

// Int gives a number that was checked when it was read.
func (v Values) Int(name string) int64 {
	n, _ := strconv.ParseInt(v[name], 10, 64)
	return n
}

// read checks a query against the route's parameters.
func (r Route) read(query url.Values) (Values, error) {
	values := Values{}
	for _, p := range r.Params {
		values[p.Name] = p.Default
	}
	for name, given := range query {
		i := slices.IndexFunc(r.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("parameter %q is not known to %s; it takes %s", name, r.Path, r.paramNames())
		}
		value := given[len(given)-1]
		if err := r.Params[i].check(value); err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}

func (r Route) paramNames() string {
	if len(r.Params) == 0 {
		return "none"
	}
	names := make([]string, len(r.Params))
	for i, p := range r.Params {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}

func (p Param) check(value string) error {
	if p.Choices != nil {
		if slices.Contains(p.Choices, value) {
			return nil
		}
		return fmt.Errorf("parameter %q is %q; it must be one of %s", p.Name, value, strings.Join(p.Choices, ", "))
	}
	if p.Check != nil {
		if err := p.Check(value); err != nil {
			return fmt.Errorf("parameter %q is %q; it must be %w", p.Name, value, err)
		}
		return nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < p.Min || n > p.Max {
		return fmt.Errorf("parameter %q is %q; it must be a whole number from %d to %d", p.Name, value, p.Min, p.Max)
	}
	return nil
}
