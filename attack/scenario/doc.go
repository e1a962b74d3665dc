// Package scenario reads what `looptest run` is to do: a file in which a user
// names a target, streams of requests, their load and their budgets. A file's
// way through it:
//
//  1. YAML becomes a tree of places, each with its line and column, in which
//     ${NAME} stands for a variable of the environment.
//  2. The tree is decoded into the types of file.go. They are the format: the
//     keys that the parser knows, and the JSON Schema, both come from them.
//  3. The file is built into a Scenario, with the files that it names read and a
//     schedule for each stream.
//  4. Whatever is wrong on the way is a Mistake, shown with its line and a caret.
//
// A scenario from flags is written as a file and takes the same way.
package scenario
