package scenario

import (
	"regexp"
	"strings"
)

// secret reports whether a header of that name is one that people keep to
// themselves.
func secret(header string) bool {
	header = strings.ToLower(header)
	for _, part := range []string{"authorization", "cookie", "token", "secret", "password", "api-key", "apikey", "credential"} {
		if strings.Contains(header, part) {
			return true
		}
	}
	return false
}

var notInVariable = regexp.MustCompile(`[^A-Za-z0-9_]`)
