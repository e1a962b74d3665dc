package target

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// PeakMemory is the most that was resident of this process, in bytes: VmHWM
// where /proc has it, else what the runtime got from the system.
func PeakMemory() int64 {
	if peak, ok := highWaterMark("/proc/self/status"); ok {
		return peak
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

func highWaterMark(path string) (int64, bool) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		rest, found := strings.CutPrefix(lines.Text(), "VmHWM:")
		if !found {
			continue
		}
		kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 10, 64)
		return kb << 10, err == nil
	}
	return 0, false
}
