package attack

import "strings"

// errorPhrases tells a failure's kind from the message, which is all that
// vegeta hands over; the first that fits counts.
var errorPhrases = []struct {
	phrase string
	kind   ErrorKind
}{
	{"context canceled", ErrCanceled},
	{"too many open files", ErrFiles},
	{"cannot assign requested address", ErrPorts},
	{"connection refused", ErrRefused},
	{"Client.Timeout", ErrTimeout},
	{"i/o timeout", ErrTimeout},
	{"deadline exceeded", ErrTimeout},
	{"connection reset", ErrReset},
	{"broken pipe", ErrReset},
	{"EOF", ErrReset},
	{"closed network connection", ErrReset},
	{"server closed idle connection", ErrReset},
}

// errorKind sorts the message of a request that got no answer.
func errorKind(message string) ErrorKind {
	for _, p := range errorPhrases {
		if strings.Contains(message, p.phrase) {
			return p.kind
		}
	}
	return ErrOther
}
