package scenario

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Bounds of what a scenario may ask for: beyond them it is a slip, not a wish.
const (
	maxRate     = 1e6                // requests per second
	maxDuration = 7 * 24 * time.Hour // of anything
)

var rateForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(?:\s*/\s*(s|m|min|h|[0-9.]+(?:ms|s|m|h)))?$`)

// rateUnits are the units of time that a rate is written with. A duration such
// as 10s is one, too.
var rateUnits = map[string]time.Duration{"s": time.Second, "m": time.Minute, "min": time.Minute, "h": time.Hour}

// parseRate reads "200/s", "12/m", "5/10s" or a bare "200", into requests per
// second. It may be zero.
func parseRate(text string) (float64, error) {
	wrong := fmt.Errorf("%q is no rate; write it as 200/s or 12/m", clipped(text))
	parts := rateForm.FindStringSubmatch(text)
	if parts == nil {
		return 0, wrong
	}
	per := time.Second
	if unit := parts[2]; unit != "" {
		var known bool
		if per, known = rateUnits[unit]; !known {
			var err error
			if per, err = time.ParseDuration(unit); err != nil || per <= 0 {
				return 0, wrong
			}
		}
	}
	rate, err := strconv.ParseFloat(parts[1], 64)
	if err != nil {
		return 0, wrong
	}
	if rate /= per.Seconds(); rate > maxRate {
		return 0, fmt.Errorf("%s is more than 1,000,000/s, the most that is sent", clipped(text))
	}
	return rate, nil
}

func formatRate(rate float64) string { return strconv.FormatFloat(rate, 'f', -1, 64) + "/s" }

// parseDuration reads "30s" or "1m30s"; zero is none.
func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch _, bare := strconv.ParseFloat(text, 64); {
	case err != nil && bare == nil:
		return 0, fmt.Errorf("%s has no unit; write %[1]ss for seconds or %[1]sms for milliseconds", clipped(text))
	case err != nil:
		return 0, fmt.Errorf("%q is no duration; write it as 500ms, 30s or 1m30s", clipped(text))
	case d <= 0:
		return 0, fmt.Errorf("%s is no duration; it has to be more than zero", clipped(text))
	case d > maxDuration:
		return 0, fmt.Errorf("%s is longer than a week", clipped(text))
	}
	return d, nil
}

// formatDuration is Go's form without its empty parts: "1m", not "1m0s".
func formatDuration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

var numberForm = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// parseShare reads "0.1%" or "0.001".
func parseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	number = strings.TrimSpace(number)
	if !numberForm.MatchString(number) {
		return 0, fmt.Errorf("%q is no share; write it as 0.1%% or 0.001", clipped(text))
	}
	if percent {
		number += "e-2"
	}
	share, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || share > 1 && percent:
		return 0, fmt.Errorf("%s is more than 100%%", clipped(text))
	case share > 1:
		return 0, fmt.Errorf("%s is more than 1, which is all; write %[1]s%% for a percentage", clipped(text))
	}
	return share, nil
}

// formatShare writes a percentage where that is exact.
func formatShare(share float64) string {
	percent := strconv.FormatFloat(share*100, 'f', 6, 64)
	percent = strings.TrimSuffix(strings.TrimRight(percent, "0"), ".")
	if back, err := strconv.ParseFloat(percent+"e-2", 64); err == nil && back == share {
		return percent + "%"
	}
	return strconv.FormatFloat(share, 'f', -1, 64)
}

var sizeForm = regexp.MustCompile(`^([0-9]{1,15})\s*([A-Za-z]*)$`)

var sizeUnits = map[string]int64{
	"": 1, "B": 1,
	"kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9,
	"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
}

// maxSize is the longest body that may be read.
const maxSize = 16 << 30

// parseSize reads "1MiB", "64KiB", "5MB" or bytes.
func parseSize(text string) (int64, error) {
	parts := sizeForm.FindStringSubmatch(text)
	if parts == nil || sizeUnits[parts[2]] == 0 {
		return 0, fmt.Errorf("%q is no size; write it as 64KiB, 1MiB or 5MB", clipped(text))
	}
	n, _ := strconv.ParseInt(parts[1], 10, 64)
	unit := sizeUnits[parts[2]]
	if n < 1 || n > maxSize/unit {
		return 0, fmt.Errorf("%s is not between one byte and 16GiB", clipped(text))
	}
	return n * unit, nil
}

// clipped shortens what is quoted in a message.
func clipped(text string) string {
	return cutAt(text, 60)
}
