package scenario

import "os"

// ParseRecorded reads the scenario of a run that was made before, for what it
// says of the run: its schedules, phases and budgets. Variables of the
// environment that aren't set any more are empty.
//
// What can be told of it is given beside an error, too: a body that is gone
// leaves the schedules as they were, but there are no budgets then. The scenario
// is nil when nothing can be told.
func ParseRecorded(source []byte) (*Scenario, error) {
	w := worldAt(".")
	w.getenv = func(name string) (string, bool) { return os.Getenv(name), true }
	return parse(source, "the recorded scenario", w)
}
