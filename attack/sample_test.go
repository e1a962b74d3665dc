package attack_test

import (
	"testing"

	"github.com/looptest/looptest/attack"
)

// A 503 that the stream expects served nobody; one that it doesn't expect is an
// answer that says how long the target took, and an error.
func TestShed(t *testing.T) {
	for _, c := range []struct {
		code         int
		err          attack.ErrorKind
		shed, served bool
	}{
		{200, "", false, true}, {503, "", true, false}, {404, "", false, true},
		{503, attack.ErrStatus, false, true}, {500, attack.ErrStatus, false, true},
		{0, attack.ErrTimeout, false, false}, {503, attack.ErrBody, false, true},
	} {
		s := attack.Sample{Code: c.code, Err: c.err}
		if s.Shed() != c.shed || s.Served() != c.served {
			t.Errorf("%d %q: shed %v, served %v", c.code, c.err, s.Shed(), s.Served())
		}
	}
}
