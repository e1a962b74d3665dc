package scenario

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// growing makes a tree out of the parser's nodes.
type growing struct {
	*mistakes
	world   *world
	anchors map[string]*node
}

// position is an empty node where the parser's node is.
func position(n ast.Node) *node {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return &node{line: 1, column: 1}
	}
	p := n.GetToken().Position
	return &node{line: p.Line, column: p.Column}
}

// grow gives the tree of one of the parser's nodes.
func (g *growing) grow(of ast.Node, depth int) *node {
	n := position(of)
	n.kind = nothing
	if depth > 2*maxDepth {
		g.add(place{node: n}, "is too deep inside other values")
		return n
	}
	switch of := of.(type) {
	case nil, *ast.NullNode:
	case *ast.MappingNode:
		g.mapping(n, of.Values, depth)
	case *ast.MappingValueNode:
		g.mapping(n, []*ast.MappingValueNode{of}, depth)
	case *ast.SequenceNode:
		n.kind = sequence
		for _, item := range of.Values {
			n.items = append(n.items, g.grow(item, depth+1))
		}
	case *ast.AnchorNode:
		grown := g.grow(of.Value, depth+1)
		g.anchors[name(of.Name)] = grown
		return grown
	case *ast.AliasNode:
		return g.alias(n, of)
	case *ast.LiteralNode:
		g.scalar(n, of.Value.Value)
		n.line, n.column = of.Start.Position.Line, of.Start.Position.Column
	case *ast.StringNode:
		g.scalar(n, of.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		g.scalar(n, of.GetToken().Value)
	default:
		g.add(place{node: n}, "YAML's %s has no meaning in a scenario", of.Type())
	}
	return n
}

func (g *growing) scalar(n *node, text string) {
	n.kind, n.written = scalar, text
	var err error
	if n.text, err = expand(text, g.world.getenv); err != nil {
		g.add(place{node: n}, "%v", err)
	}
}

func (g *growing) alias(at *node, of *ast.AliasNode) *node {
	anchored, known := g.anchors[name(of.Value)]
	if !known {
		g.add(place{node: at}, "there is no &%s before this", name(of.Value))
		at.kind = nothing
		return at
	}
	return anchored
}

func name(n ast.Node) string {
	if n == nil || n.GetToken() == nil {
		return ""
	}
	return n.GetToken().Value
}

// mapping adds the pairs; those of a merge (<<) come after the mapping's own, and
// only where it has none.
func (g *growing) mapping(n *node, values []*ast.MappingValueNode, depth int) {
	n.kind = mapping
	var merged []*node
	for _, v := range values {
		if v.Key.IsMergeKey() {
			merged = append(merged, g.merged(v, depth)...)
			continue
		}
		key := position(v.Key)
		key.kind, key.text = scalar, name(v.Key)
		key.written = key.text
		n.pairs = append(n.pairs, pair{key, g.grow(v.Value, depth+1)})
	}
	for _, from := range merged {
		for _, p := range from.pairs {
			if !slices.ContainsFunc(n.pairs, func(own pair) bool { return own.key.text == p.key.text }) {
				n.pairs = append(n.pairs, p)
			}
		}
	}
	if len(n.pairs) > 0 && len(merged) == 0 {
		n.line, n.column = n.pairs[0].key.line, n.pairs[0].key.column
	}
}

func (g *growing) merged(v *ast.MappingValueNode, depth int) []*node {
	from := g.grow(v.Value, depth+1)
	all := []*node{from}
	if from.kind == sequence {
		all = from.items
	}
	for _, one := range all {
		if one.kind != mapping {
			g.add(place{node: position(v.Key)}, "<< takes the keys of a mapping, as in <<: *name")
			return nil
		}
	}
	return all
}
