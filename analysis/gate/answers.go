package gate

import (
	"fmt"

	"github.com/looptest/looptest/attack"
)

// Answers says what stands against comparing two arms, by what they answered to
// the same requests: the base twice, from two processes, so that what changes of
// itself (a time, a port, a random number) is not taken for a difference.
//
// An answer of the head that is not expected is no such reason: the gate counts
// those, and fails. It is noted only.
func Answers(base, again, head []attack.Answer) (differ, notes []string) {
	for i, b := range base {
		if i >= len(again) || i >= len(head) {
			break
		}
		h := head[i]
		switch {
		case !b.Good() && !again[i].Good():
			differ = append(differ, fmt.Sprintf("the base answers %s with %s, so that there is nothing to compare with", b.Request, b))
		case !h.Good():
			notes = append(notes, fmt.Sprintf("the head answers %s with %s", b.Request, h))
		case b.Code != again[i].Code:
		case b.Code != h.Code:
			differ = append(differ, fmt.Sprintf("the arms answer %s differently: the base with %s, the head with %s", b.Request, b, h))
		case b.Hash == again[i].Hash && b.Hash != h.Hash:
			differ = append(differ, fmt.Sprintf("the arms answer %s with different bodies, of %d and %d bytes", b.Request, b.Size, h.Size))
		}
	}
	return differ, notes
}
