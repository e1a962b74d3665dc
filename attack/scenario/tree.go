package scenario

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// kind is what a node is.
type kind string

const (
	scalar   kind = "a single value"
	mapping  kind = "a mapping"
	sequence kind = "a list"
	nothing  kind = "nothing"
)

// node is a value of the file.
type node struct {
	kind         kind
	text         string // of a scalar, with variables filled in
	written      string // of a scalar, as it is in the file
	line, column int
	pairs        []pair
	items        []*node
}

type pair struct {
	key   *node
	value *node
}

// place is a node and how it was reached.
type place struct {
	node *node
	path string
}

// child is the value under a key, or this place when there is none.
func (p place) child(key string) place {
	if p.node != nil {
		for _, pair := range p.node.pairs {
			if pair.key.text == key {
				return p.under(pair)
			}
		}
	}
	return p
}

func (p place) under(of pair) place {
	if p.path == "" {
		return place{of.value, of.key.text}
	}
	return place{of.value, p.path + "." + of.key.text}
}

// key is the place of a pair's key, for what is wrong with the key itself.
func (p place) key(of pair) place { return place{of.key, p.path} }

func (p place) item(i int) place {
	return place{p.node.items[i], fmt.Sprintf("%s[%d]", p.path, i)}
}

// Bounds of a file: a scenario is written by a person.
const (
	maxSource  = 256 << 10
	maxDepth   = 100   // brackets within brackets
	maxVisited = 50000 // values, those of aliases counted each time
)

// tree reads YAML. Mistakes are noted, and the tree is then nil.
func tree(source []byte, m *mistakes, w *world) *node {
	text := strings.ReplaceAll(string(source), "\r\n", "\n")
	m.lines = strings.Split(text, "\n")
	switch {
	case len(source) > maxSource:
		m.add(place{}, "is %d KiB long; a scenario has at most %d: put bodies into files (body_file)", len(source)>>10, maxSource>>10)
		return nil
	case deepest(text) > maxDepth:
		m.add(place{}, "has more than %d brackets within each other", maxDepth)
		return nil
	}
	parsed, err := parseYAML(text)
	if err != nil {
		m.syntax(err)
		return nil
	}
	if len(parsed.Docs) > 1 {
		m.add(place{node: &node{line: position(parsed.Docs[1].Body).line, column: 1}}, "is a second document; a scenario is one")
		return nil
	}
	g := growing{mistakes: m, world: w, anchors: map[string]*node{}}
	if len(parsed.Docs) == 0 {
		return g.grow(nil, 0)
	}
	return g.grow(parsed.Docs[0].Body, 0)
}

// parseYAML also survives a text that the parser does not.
func parseYAML(text string) (f *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("can't be read as YAML")
		}
	}()
	return parser.ParseBytes([]byte(text), 0)
}

// syntax notes what the YAML parser says.
func (m *mistakes) syntax(err error) {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		m.add(place{}, "%v", err)
		return
	}
	message, p := at.GetMessage(), at.GetToken().Position
	message += syntaxHints[message]
	if p.Line >= 1 && p.Line <= len(m.lines) && strings.Contains(m.lines[p.Line-1], "${") {
		message += "; inside {} and [] a ${NAME} has to be in quotes"
	}
	mistake := &Mistake{File: m.file, Message: message}
	m.locate(mistake, p.Line, p.Column, 1)
	m.list = append(m.list, mistake)
}

// syntaxHints tell what is usually behind the parser's words.
var syntaxHints = map[string]string{
	"value is not allowed in this context":         "; is it indented as far as the lines beside it?",
	"mapping value is not allowed in this context": "; a text with a colon and a blank in it has to be in quotes",
}

// deepest counts how many brackets are open at once, at most, and how many list
// items begin on one line.
func deepest(text string) int {
	open, most := 0, 0
	for line := range strings.Lines(text) {
		most = max(most, strings.Count(line[:len(line)-len(strings.TrimLeft(line, "-? \t"))], "-"))
		for _, c := range line {
			switch c {
			case '[', '{':
				open++
			case ']', '}':
				open = max(open-1, 0)
			}
			most = max(most, open)
		}
	}
	return most
}
