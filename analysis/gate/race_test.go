//go:build race

package gate

// The race detector makes the synthetic gates ten times as slow.
const fewer = 5
