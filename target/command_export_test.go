package target

// KillTarget kills the process of a command, as if it crashed.
func KillTarget(t Target) { t.(*commandTarget).cmd.Process.Kill() }

// FindObserver is what a URL's server says of its observation.
var FindObserver = findObserver

// IsLoopbackLiteral, Advice and Quote are for their tests.
var (
	IsLoopbackLiteral = isLoopbackLiteral
	Advice            = advice
	Quote             = quote
)
