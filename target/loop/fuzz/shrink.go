package fuzz

import "slices"

// Shrink deletes what it can while the program still fails, and gives the
// program that is left. It changes p.
func Shrink(p *Program, fails func(*Program) bool) *Program {
	for smaller := true; smaller; {
		smaller = shrinkHandlers(p, fails)
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

// inner is what the operation's callbacks do.
func (op *Op) inner() []*Op {
	inner := slices.Clone(op.Do)
	for _, link := range op.Next {
		inner = append(inner, link.Do...)
	}
	return inner
}

func shrinkHandlers(p *Program, fails func(*Program) bool) bool {
	smaller := false
	for _, on := range []*bool{&p.Catches, &p.Watches} {
		if *on {
			*on = false
			if fails(p) {
				smaller = true
			} else {
				*on = true
			}
		}
	}
	if runs := p.BeforeExit; len(runs) > 0 {
		p.BeforeExit = runs[:len(runs)-1]
		if fails(p) {
			smaller = true
		} else {
			p.BeforeExit = runs
		}
	}
	return smaller
}
