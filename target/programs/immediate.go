package programs

func immediateVersusTimeout() Program {
	return Program{
		Name:  "immediate-vs-timeout",
		Shows: "inside an I/O callback an immediate always runs before a timeout of 0; at top level Node leaves it open",
		Parts: []Part{
			{
				Name: "top level", main: immediateAndTimeout,
				Open:        [][]string{{"immediate", "timeout"}},
				OpenBecause: "whether the 1-ms timer is due when the loop is entered depends on how long the start took",
			},
			{
				Name: "inside an I/O callback",
				main: func(s *stage) {
					s.stat(func() {
						s.print("I/O callback")
						immediateAndTimeout(s)
					})
				},
			},
		},
		Finding: func(t Trace) string {
			inside := t.Parts[1].Texts()
			return "inside an I/O callback: " + inside[1] + " first; at top level it is left open"
		},
	}
}

func immediateAndTimeout(s *stage) {
	s.timeout(s.printing("timeout"), 0)
	s.immediate(s.printing("immediate"))
}
