package target

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// SplitCommand splits a command into words as a POSIX shell does: quotes, and a
// backslash before a character, take away its meaning; lines are joined. No shell
// is run, so what only a shell could do (pipes, variables, substitutions) is an
// error, unless it is quoted.
func SplitCommand(command string) ([]string, error) {
	s := splitter{command: command}
	for s.next < len(s.command) {
		if err := s.step(); err != nil {
			return nil, fmt.Errorf("the command %q can't be split into words: %w", command, err)
		}
	}
	s.endWord()
	return s.words, nil
}

// splitter is at some place in a command.
type splitter struct {
	command string
	next    int
	words   []string
	word    []byte
	begun   bool // a word, though it may be empty yet: ''
}

// step reads a character with all that belongs to it.
func (s *splitter) step() error {
	b := s.take()
	switch b {
	case ' ', '\t', '\n', '\r':
		s.endWord()
		return nil
	case '\'':
		return s.single()
	case '"':
		return s.double()
	case '\\':
		return s.escaped()
	}
	if strings.IndexByte("|&;<>()", b) >= 0 || b == '#' && !s.begun {
		return needsShell(string(b))
	}
	if err := s.expansion(b, "'\""); err != nil {
		return err
	}
	s.put(b)
	return nil
}

func (s *splitter) take() byte {
	b := s.command[s.next]
	s.next++
	return b
}

func (s *splitter) put(b byte) {
	s.word = append(s.word, b)
	s.begun = true
}

func (s *splitter) endWord() {
	if s.begun {
		s.words = append(s.words, string(s.word))
	}
	s.word, s.begun = nil, false
}

// single reads to the closing quote: everything stands for itself.
func (s *splitter) single() error {
	s.begun = true
	for s.next < len(s.command) {
		b := s.take()
		if b == '\'' {
			return nil
		}
		s.put(b)
	}
	return errors.New("a ' is not closed")
}

// double reads to the closing quote: a backslash is one, but before ", \, $, `
// and the end of a line.
func (s *splitter) double() error {
	s.begun = true
	for s.next < len(s.command) {
		b := s.take()
		switch {
		case b == '"':
			return nil
		case b == '\\' && s.next < len(s.command) && strings.IndexByte("\"\\$`\n", s.command[s.next]) >= 0:
			if b = s.take(); b != '\n' {
				s.put(b)
			}
			continue
		}
		if err := s.expansion(b, ""); err != nil {
			return err
		}
		s.put(b)
	}
	return errors.New(`a " is not closed`)
}

// escaped reads what stands after a backslash outside of quotes.
func (s *splitter) escaped() error {
	if s.next == len(s.command) {
		return errors.New(`nothing follows the \ at its end`)
	}
	if b := s.take(); b != '\n' {
		s.put(b)
	}
	return nil
}

// expansion refuses what a shell would replace: sent as it stands it would be
// something else than was meant. A $ has a meaning before a name, before some
// signs and before those in also.
func (s *splitter) expansion(b byte, also string) error {
	if b == '`' {
		return needsShell("`")
	}
	if b != '$' || s.next == len(s.command) {
		return nil
	}
	if next := s.command[s.next]; isNameByte(next) || strings.IndexByte("{(@*#?!-$"+also, next) >= 0 {
		return needsShell("$" + string(next))
	}
	return nil
}

func isNameByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

func needsShell(sign string) error {
	return fmt.Errorf("%s means something only to a shell, and none is run; put it in '…' if it stands for itself, or run sh -c '…'", sign)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,{}-]+$`)

// quote writes a word so that SplitCommand and a shell read it as one.
func quote(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
