package loop

// awaiting is what an await of a pending promise goes on with: a reaction without
// a promise that follows from it. Nobody outside sees it, so that it can be used
// again.
type awaiting struct {
	reaction Promise // its value is the awaiting itself
	then     func(any)
	failed   func(any)
}

// promises is the memory of promises and of awaits.
type promises struct {
	made slab[Promise]
	free []*awaiting
}

// Await runs one of the two functions when v, or what it promises, is there: the
// rest of an async function, after one job. What it throws is the caller's, and
// so is the reason when failed is nil.
func (l *Loop) Await(v any, then func(any), failed func(reason any)) {
	p := l.Resolve(v)
	p.handle()
	if p.state != pendingPromise {
		p.goOn(then, failed)
		return
	}
	a := l.newAwaiting()
	a.then, a.failed = then, failed
	p.wait(&a.reaction)
}

// newAwaiting gives one that is over, or a new one.
func (l *Loop) newAwaiting() *awaiting {
	q := &l.promises
	if last := len(q.free) - 1; last >= 0 {
		a := q.free[last]
		q.free = q.free[:last]
		return a
	}
	a := &awaiting{reaction: Promise{loop: l, await: true}}
	a.reaction.value = a
	return a
}

// goOn makes a job of what goes on when p, which is settled, was awaited.
func (p *Promise) goOn(then, failed func(any)) {
	if p.state == rejected {
		if then = failed; then == nil {
			then = func(reason any) { panic(reason) }
		}
	}
	p.loop.microtasks.push(microtask{of: p, then: then})
}

// over ends an await whose promise is settled now.
func (a *awaiting) over(p *Promise) {
	p.goOn(a.then, a.failed)
	a.reaction.link, a.then, a.failed = nil, nil, nil // let go of what they refer to
	p.loop.promises.free = append(p.loop.promises.free, a)
}
