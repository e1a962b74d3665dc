package loop

// slab gives out zeroed values from blocks, so that a steady flow of handles
// costs one allocation a block. A block lives as long as any of its values does,
// with all that they refer to: larger ones gain no speed that is worth that.
type slab[T any] struct{ block []T }

// slabSize is one less than a power of 2, since the allocator adds a word to a
// block.
const slabSize = 15

func (s *slab[T]) get() *T {
	if len(s.block) == 0 {
		s.block = make([]T, slabSize)
	}
	v := &s.block[0]
	s.block = s.block[1:]
	return v
}
