package loop

// mistake is a rule of the loop done wrong, so that a test can show that the
// comparison with Node would see it. It is never set outside of tests.
type mistake int

const (
	noMistake mistake = iota
	microtasksFirst
	cachedTimeoutTime
	nestedImmediatesAtOnce
	noDrainBetweenTimers
	noDrainBetweenImmediates
	closeInOrder
	noPendingAfterPoll
	rejectionsEarly
	noRearmMinimum
	noNewListID
	intervalStartAfter
	drainAfterThrow
	noTimersAtEntry
	noDrainAtCheck
	noNoopImmediate
	portNotTriggered
	timersBeforePoll
	unrefIgnored
	listKeptAfterClear
	mistakes // how many there are
)

var mistakeNames = [mistakes]string{
	"none", "microtasks before ticks", "cached setTimeout time", "nested immediates in the same check",
	"no drain between timers", "no drain between immediates", "first in, first out close", "no pending after poll",
	"rejections early", "no 1 ms re-arm minimum", "no new list id on requeue", "interval start after the callback",
	"drain after a throw", "no timers before the loop", "no drain at check start", "no no-op immediate",
	"port not left for the next poll", "the order before libuv 1.45", "unref ignored", "list kept after clear",
}

// made is the mistake that the loops of this process make.
var made mistake

// cycleBefore145 is the order of older libuv: timers first.
func (l *Loop) cycleBefore145() {
	l.updateTime()
	l.runTimers()
	l.runPending()
	l.runIdle()
	l.runPrepare()
	l.poll(l.pollTimeout())
	l.runPendingAgain()
	l.runCheck()
	l.runClosing()
}
