package scenario

import (
	"fmt"
	"regexp"
	"strings"
)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand fills in ${NAME} and ${NAME:-default}; $${ is a plain ${. A default is
// taken when the variable is not set or empty, as in a shell.
func expand(text string, getenv func(string) (string, bool)) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		if !found {
			b.WriteString(text)
			return b.String(), nil
		}
		if plain, escaped := strings.CutSuffix(before, "$"); escaped {
			b.WriteString(plain + "${")
			text = rest
			continue
		}
		b.WriteString(before)
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("${ has no } after it; a plain ${ is written $${")
		}
		value, err := variable(inside, getenv)
		if err != nil {
			return "", err
		}
		b.WriteString(value)
		text = after
	}
}

func variable(inside string, getenv func(string) (string, bool)) (string, error) {
	name, fallback, hasFallback := strings.Cut(inside, ":-")
	if !variableName.MatchString(name) {
		return "", fmt.Errorf("${%s} names no variable; write ${NAME} or ${NAME:-default}, and $${ for a plain ${", clipped(inside))
	}
	value, set := getenv(name)
	if hasFallback && value == "" {
		return fallback, nil
	}
	if !set {
		return "", fmt.Errorf("%s is not set in the environment; set it, or give a default: ${%[1]s:-value}", name)
	}
	return value, nil
}

// escape makes a text stand for itself where variables are filled in.
func escape(text string) string { return strings.ReplaceAll(text, "${", "$${") }
