package programs

import (
	"fmt"
	"os"
)

func asyncIO() Program {
	return Program{
		Name:  "async-io",
		Shows: "reading a file happens off the main thread: start, end, done",
		Real:  true,
		Parts: []Part{{Name: "main program", main: func(s *stage) {
			s.print("start")
			s.onPool("read big.txt", func() { os.ReadFile(s.file) }, func() { s.then(s.printing("done")) })
			s.print("end")
		}}},
		Finding: func(t Trace) string {
			p := t.Parts[0]
			return fmt.Sprintf("the file was read off the main thread: end at %s, done at %s", inMS(p.at("end")), inMS(p.at("done")))
		},
	}
}
