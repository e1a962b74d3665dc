//go:build !race

package gate

const fewer = 1
