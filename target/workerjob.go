package target

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/looptest/looptest/target/loop"
)

// workerTask and workerReply are what goes over the line to a worker.
type (
	workerTask struct {
		ID   int
		Name string
		Args []int64
	}
	workerReply struct {
		ID     int
		Result string
		Error  string // empty for none: a message can't carry an error as such
	}
)

func (r workerReply) err() error {
	if r.Error == "" {
		return nil
	}
	return errors.New(r.Error)
}

// workerJobs is what a worker can do.
var workerJobs = map[string]func(args []int64) (string, error){
	"sum":       func(args []int64) (string, error) { return formatSum(sum(0, 0, args[0])), nil },
	"fibonacci": func(args []int64) (string, error) { return strconv.FormatInt(fibonacci(args[0]), 10), nil },
	"fail":      func([]int64) (string, error) { return "", errors.New("the task failed") },
	"panic":     func([]int64) (string, error) { panic(errors.New("boom in a task")) },
}

// workerMain is what runs in a worker. A job's error is its answer; what a job
// throws ends the worker.
func workerMain(_ *loop.Loop, port *loop.Port) {
	port.OnMessage(func(message any) {
		t := message.(workerTask)
		job, known := workerJobs[t.Name]
		if !known {
			panic(fmt.Errorf("no job is named %q", t.Name))
		}
		guard(nil, func() { port.Post(replyTo(t, job)) })
	})
}

func replyTo(t workerTask, job func(args []int64) (string, error)) workerReply {
	result, err := job(t.Args)
	r := workerReply{ID: t.ID, Result: result}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}
