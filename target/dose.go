package target

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Dose makes a reference server slower by a known amount, so that a regression
// gate can be tried out on it. It is given in response time: an answer that is
// ready is held back, beside the loop, which stays as it is.
type Dose struct {
	// Share of the time since its request arrived by which each answer is held
	// back, and Delay by which it is held back besides.
	Share float64
	Delay time.Duration
	// StallShare of the answers, drawn at random, are held back by Stall.
	StallShare float64
	Stall      time.Duration
	// Every so often the loop is held for Block.
	Every, Block time.Duration
}

const (
	mostDose      = 100 // times: 10,000 %
	mostDoseDelay = time.Minute
)

// SlowDown reads "10%" of the time since the request arrived, or "5ms".
func (d *Dose) SlowDown(text string) error {
	if strings.HasSuffix(text, "%") {
		share, err := parseShare(text, mostDose)
		d.Share = share
		return err
	}
	delay, err := parseDose(text)
	d.Delay = delay
	return err
}

// Stalls reads "1%:50ms": which share of the answers, and for how long.
func (d *Dose) Stalls(text string) error {
	share, lasts, found := strings.Cut(text, ":")
	if !found {
		return fmt.Errorf("must be a share and a time, such as 1%%:50ms")
	}
	var err error
	if d.StallShare, err = parseShare(share, 1); err != nil {
		return err
	}
	d.Stall, err = parseDose(lasts)
	return err
}

// Blocks reads "1s:100ms": how often the loop is held, and for how long.
func (d *Dose) Blocks(text string) error {
	every, lasts, found := strings.Cut(text, ":")
	if !found {
		return fmt.Errorf("must be two times, such as 1s:100ms")
	}
	var err error
	if d.Every, err = parseDose(every); err != nil {
		return err
	}
	if d.Block, err = parseDose(lasts); err == nil && d.Block >= d.Every {
		return fmt.Errorf("the loop can't be held for %v every %v", d.Block, d.Every)
	}
	return err
}

func parseShare(text string, most float64) (float64, error) {
	digits, found := strings.CutSuffix(text, "%")
	percent, err := strconv.ParseFloat(digits, 64)
	if !found || err != nil || !(percent > 0 && percent <= 100*most) {
		return 0, fmt.Errorf("%q must be over 0%% and at most %.0f%%", text, 100*most)
	}
	return percent / 100, nil
}

func parseDose(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 || d > mostDoseDelay {
		return 0, fmt.Errorf("%q must be a time over 0 and at most %v, such as 5ms", text, mostDoseDelay)
	}
	return d, nil
}

// hold waits as long as the answer to a request that came at that moment is held
// back.
func (d Dose) hold(came time.Time) {
	wait := d.Delay + time.Duration(d.Share*float64(time.Since(came)))
	if d.StallShare > 0 && rand.Float64() < d.StallShare {
		wait += d.Stall
	}
	if wait > 0 {
		waitUntil(time.Now().Add(wait))
	}
}

// roughly is what a sleep of the runtime may be late by.
const roughly = 2 * time.Millisecond

// waitUntil is precise: a dose of a tenth of a millisecond has to be one.
func waitUntil(moment time.Time) {
	if left := time.Until(moment); left > roughly {
		time.Sleep(left - roughly)
	}
	nap(moment)
	for time.Now().Before(moment) {
	}
}

// blockLoop holds the loop again and again, until the server ends.
func (s *Server) blockLoop() {
	every := time.NewTicker(s.config.Dose.Every)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			s.loop.Post("dose", func() {
				for until := time.Now().Add(s.config.Dose.Block); time.Now().Before(until); {
				}
			})
		case <-s.ended:
			return
		case <-s.crashed:
			return
		}
	}
}
