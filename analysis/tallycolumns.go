package analysis

import "time"

// columns cuts time into pieces of one length, from 0 on. It doubles their
// length whenever there would be more than limit of them, so that memory is
// bounded however long a run lasts, and the same moments give the same columns
// in whatever order they come.
type columns[T any] struct {
	width time.Duration
	limit int
	all   []T
	fold  func(into, from *T) // adds from, and keeps nothing of it
}

// at gives the column in which the moment falls; the first one also takes what
// is before the beginning.
func (c *columns[T]) at(moment time.Duration) *T {
	moment = max(moment, 0)
	if i := int(moment / c.width); i < len(c.all) {
		return &c.all[i]
	}
	return c.grow(moment)
}

func (c *columns[T]) grow(moment time.Duration) *T {
	for moment/c.width >= time.Duration(c.limit) {
		c.double()
	}
	i := int(moment / c.width)
	if missing := i + 1 - len(c.all); missing > 0 {
		c.all = append(c.all, make([]T, missing)...)
	}
	return &c.all[i]
}

func (c *columns[T]) double() {
	c.width *= 2
	half := (len(c.all) + 1) / 2
	for i := range half {
		c.all[i] = c.all[2*i]
		if 2*i+1 < len(c.all) {
			c.fold(&c.all[i], &c.all[2*i+1])
		}
	}
	clear(c.all[half:])
	c.all = c.all[:half]
}

// merge adds the other's columns, which began with the same length.
func (c *columns[T]) merge(other *columns[T]) {
	for c.width < other.width {
		c.double()
	}
	for i := range other.all {
		c.fold(c.at(time.Duration(i)*other.width), &other.all[i])
	}
}
