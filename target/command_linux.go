package target

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// processObserver reads what a command's processes use, as the kernel counts it.
type processObserver struct{ leader int }

var _ Observer = processObserver{}

// observeProcess observes the process group and all that descends from it.
func observeProcess(leader int) Observer { return processObserver{leader} }

// Mark notes the time that the processes have used.
func (o processObserver) Mark(context.Context) (Mark, error) {
	family := familyOf(o.leader, processes())
	if len(family) == 0 {
		return Mark{}, o.unreadable()
	}
	return Mark{cpu: cpuOf(family)}, nil
}

// Since gives the time used since the mark, and the memory. The loop can't be
// seen from here.
func (o processObserver) Since(_ context.Context, m Mark, _ time.Time) (Usage, []LagReading, error) {
	family := familyOf(o.leader, processes())
	if len(family) == 0 {
		return Usage{}, nil, o.unreadable()
	}
	u := Usage{Unseen: true, CPU: max(cpuOf(family)-m.cpu, 0)}
	for _, p := range family {
		if peak, ok := highWaterMark(inProc(p.id, "status")); ok {
			u.PeakMemory += peak // of several: the sum of each one's most, shared pages counted in each
		}
	}
	return u, nil, nil
}

func (o processObserver) unreadable() error {
	return fmt.Errorf("the target's process %d can't be observed: /proc does not show it", o.leader)
}

// listed is a process as /proc/PID/stat shows it.
type listed struct {
	id, parent, group int
	cpu               time.Duration // with that of its children that have ended
}

// userHz is the kernel's unit of processor time for programs, on all of Go's
// architectures.
const userHz = 100

func inProc(id int, file string) string { return filepath.Join("/proc", strconv.Itoa(id), file) }

// processes lists what runs now.
func processes() []listed {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var all []listed
	for _, e := range entries {
		id, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(inProc(id, "stat"))
		if err != nil {
			continue // it has just ended
		}
		if p, ok := parseStat(id, stat); ok {
			all = append(all, p)
		}
	}
	return all
}

// parseStat reads the fields after the name, which may hold anything: proc(5)
// counts them from 3, the state.
func parseStat(id int, stat []byte) (listed, bool) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 15 {
		return listed{}, false
	}
	number := func(field int) int {
		n, _ := strconv.Atoi(string(fields[field-3]))
		return n
	}
	ticks := number(14) + number(15) + number(16) + number(17)
	return listed{id, number(4), number(5), time.Duration(ticks) * time.Second / userHz}, true
}

// familyOf is the group of the leader and all that descends from it.
func familyOf(leader int, all []listed) []listed {
	var family []listed
	in := map[int]bool{leader: true}
	for grown := true; grown; {
		grown = false
		all = slices.DeleteFunc(all, func(p listed) bool {
			if p.group != leader && p.id != leader && !in[p.parent] {
				return false
			}
			in[p.id], grown = true, true
			family = append(family, p)
			return true
		})
	}
	return family
}

func cpuOf(family []listed) (used time.Duration) {
	for _, p := range family {
		used += p.cpu
	}
	return used
}

// killMarked kills the processes whose environment has the mark: those that left
// their group and their parents. New ones may appear meanwhile.
func killMarked(mark string) {
	for range 100 {
		ids := marked(mark)
		if len(ids) == 0 {
			return
		}
		for _, id := range ids {
			syscall.Kill(id, syscall.SIGKILL)
		}
		time.Sleep(time.Millisecond)
	}
}

// marked lists the living processes with the mark; one that has ended and is yet
// to be waited for has no environment any more.
func marked(mark string) (ids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		if env, err := os.ReadFile(file); err == nil && bytes.Contains(env, []byte(mark)) {
			id, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			ids = append(ids, id)
		}
	}
	return ids
}
