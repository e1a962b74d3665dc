package loop

// Mistakes names the wrong rules that can be switched on, by number from 1.
func Mistakes() []string { return mistakeNames[1:] }

// Make switches a wrong rule on, for all loops, and gives what switches it off.
func Make(number int) (undo func()) {
	made = mistake(number)
	return func() { made = noMistake }
}
