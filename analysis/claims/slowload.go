package claims

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/looptest/looptest/attack"
)

// load is what is asked beside the probe that several claims share, so that an
// arm which they have in common is run once.
type load struct {
	lasts, every time.Duration
	times        int // that the offender is asked for
	steps        int // of about 1 µs that it takes each time
	warmup       time.Duration
}

func slowLoad(s Settings) load {
	if s.Quick {
		return load{300 * time.Millisecond, 300 * time.Millisecond, 1, 100_000, 50 * time.Millisecond}
	}
	return load{1300 * time.Millisecond, 650 * time.Millisecond, 2, 400_000, 150 * time.Millisecond}
}

// warmup opens as many connections as a stall of that length leaves waiting.
func warmup(s Settings, lasts, stall time.Duration) attack.Warmup {
	return attack.Warmup{Lasts: lasts, Connections: min(int(s.Rate*stall.Seconds()*3/2)+32, 2000)}
}

// offenderTimeout is far beyond what an offender takes on a slow machine.
const offenderTimeout = 60 * time.Second

// shortLoad is that of claims which stall the loop with another offender than
// /slow.
func shortLoad(s Settings) load {
	if s.Quick {
		return load{300 * time.Millisecond, 300 * time.Millisecond, 1, 200_000, 50 * time.Millisecond}
	}
	return load{750 * time.Millisecond, 375 * time.Millisecond, 2, 250_000, 100 * time.Millisecond}
}

// slowArm is the probe with /slow beside it, asked for with that query; without
// a query there is no /slow.
func slowArm(s Settings, name string, look attack.Look, query string) attack.Arm {
	l := slowLoad(s)
	if query != "" {
		query = fmt.Sprintf("/slow?n=%d&%s", l.steps, query)
	}
	return l.arm(s, name, look, query)
}

// arm is the probe with an offender beside it that is asked for at the URL;
// without one there is no offender.
func (l load) arm(s Settings, name string, look attack.Look, url string) attack.Arm {
	arm := attack.Arm{
		Name: name, Look: look, Target: s.Target, Warmup: warmup(s, l.warmup, time.Duration(l.steps)*time.Microsecond), Takes: l.lasts,
		Streams: []attack.Stream{probe(s, l.lasts)},
	}
	if url != "" {
		asked := attack.Bursts{Size: 1, Every: l.every, Times: l.times, Offset: 50 * time.Millisecond}
		arm.Streams = append(arm.Streams, offender(url, asked))
	}
	return arm
}

// offender asks for what may hold up the probe, and is named after its path.
func offender(url string, asked attack.Schedule) attack.Stream {
	path, _, _ := strings.Cut(url, "?")
	return attack.Stream{
		Name: path, Role: attack.Offender, Timeout: offenderTimeout,
		Requests: []attack.Request{{URL: url}}, Schedule: asked,
	}
}

// servedOrRefused are the answers of a server that turns away what is too much.
func servedOrRefused(code int) bool {
	return code == http.StatusOK || code == http.StatusServiceUnavailable
}

// probe is the steady, cheap request that feels the loop's stalls.
func probe(s Settings, lasts time.Duration) attack.Stream {
	return attack.Stream{
		Name: "/ok", Role: attack.Probe,
		Requests: []attack.Request{{URL: "/ok"}},
		Schedule: attack.Constant{Rate: s.Rate, Lasts: lasts},
	}
}
