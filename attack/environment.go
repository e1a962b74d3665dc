package attack

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Environment is where a run was measured; it is kept with the run.
type Environment struct {
	OS        string  // and architecture: "linux/amd64"
	Kernel    string  // release; empty where it can't be read
	CPUs      int     // logical CPUs usable by this process
	CPUModel  string  // empty where it can't be read
	GoVersion string  // of the generator
	Load1     float64 // one-minute load average before the run, −1 where it can't be read
	Target    string  // what was driven, with its settings
}

// Machine is what has to be the same for two runs to be compared.
func (e Environment) Machine() string {
	return fmt.Sprintf("%s, %d × %s, kernel %s, %s", e.OS, e.CPUs, e.CPUModel, e.Kernel, e.GoVersion)
}

// ReadEnvironment describes this machine; it says nothing of a target.
func ReadEnvironment() Environment {
	return Environment{
		OS:        runtime.GOOS + "/" + runtime.GOARCH,
		Kernel:    firstLine("/proc/sys/kernel/osrelease"),
		CPUs:      runtime.NumCPU(),
		CPUModel:  cpuModel(),
		GoVersion: runtime.Version(),
		Load1:     loadAverage(),
	}
}

func firstLine(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(data), "\n")
	return line
}

func cpuModel() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(data)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func loadAverage() float64 {
	first, _, _ := strings.Cut(firstLine("/proc/loadavg"), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return -1
	}
	return load
}
