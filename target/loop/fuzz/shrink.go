package fuzz

import "slices"

// Shrink deletes what it can while the program still fails, and gives the
// program that is left. It changes p.
func Shrink(p *Program, fails func(*Program) bool) *Program {
	for smaller := true; smaller; {
		smaller = false
		for _, inner := range p.programs() {
			smaller = shrinkHandlers(inner, p, fails) || smaller
		}
		for _, b := range p.bodies() {
			smaller = shrinkList(p, b.ops, fails) || smaller
			smaller = !b.chain && lift(p, b.ops, fails) || smaller
		}
	}
	return p
}

// shrinkList deletes operations from the list: halves of it, then quarters,
// and so on.
func shrinkList(p *Program, list *[]*Op, fails func(*Program) bool) bool {
	before := len(*list)
	for size := len(*list); size > 0; size /= 2 {
		for at := 0; at+size <= len(*list); {
			whole := *list
			*list = slices.Delete(slices.Clone(whole), at, at+size)
			if !fails(p) {
				*list = whole
				at += size
			}
		}
	}
	return len(*list) < before
}

// lift puts what an operation contains in its place.
func lift(p *Program, list *[]*Op, fails func(*Program) bool) bool {
	for at, op := range *list {
		inner := op.inner()
		if len(inner) == 0 {
			continue
		}
		whole := *list
		*list = slices.Replace(slices.Clone(whole), at, at+1, inner...)
		if fails(p) {
			return true
		}
		*list = whole
	}
	return false
}

// inner is what the operation's callbacks do, and a worker's program.
func (op *Op) inner() []*Op {
	inner := slices.Clone(op.Do)
	for _, link := range op.Next {
		inner = append(inner, link.Do...)
	}
	if in := op.In; in != nil {
		inner = slices.Concat(inner, in.Main, in.OnError, in.OnRejection, in.OnGreeting)
		inner = slices.Concat(inner, slices.Concat(in.BeforeExit...))
	}
	return inner
}

// shrinkHandlers takes handlers and greetings away from p, a part of the whole.
func shrinkHandlers(p, whole *Program, fails func(*Program) bool) bool {
	smaller := false
	for _, on := range []*bool{&p.Catches, &p.Watches} {
		if *on {
			*on = false
			*on = !fails(whole)
			smaller = smaller || !*on
		}
	}
	if runs := p.BeforeExit; len(runs) > 0 {
		p.BeforeExit = runs[:len(runs)-1]
		if fails(whole) {
			smaller = true
		} else {
			p.BeforeExit = runs
		}
	}
	if p.Greetings > 0 {
		p.Greetings--
		if fails(whole) {
			return true
		}
		p.Greetings++
	}
	return smaller
}
