//go:build !unix

package target

import "os"

const asksForProfiles = false

func profileSignals() (asked <-chan os.Signal, stop func()) { return nil, func() {} }
