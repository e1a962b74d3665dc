package loop

// slab gives out zeroed values from blocks, so that a steady flow of handles
// costs one allocation a block. A block lives as long as any of its values does.
type slab[T any] struct{ block []T }

const slabSize = 64

func (s *slab[T]) get() *T {
	if len(s.block) == 0 {
		s.block = make([]T, slabSize)
	}
	v := &s.block[0]
	s.block = s.block[1:]
	return v
}
