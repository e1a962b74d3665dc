package scenario

import (
	"strings"
	"testing"
)

const recordedSource = `target: {url: "http://127.0.0.1:1"}
duration: 1s
streams:
  ok:
    load: 50/s
    headers: {Authorization: "${LOOPTEST_TEST_UNSET}"}
    requests: [{url: /, method: POST, body_file: BODY}]
budgets: [p99 < 5ms]
`

func TestParseRecordedWithoutItsVariables(t *testing.T) {
	source := replaced(recordedSource, ", body_file: BODY", "")
	if _, err := Parse(source, ""); err == nil {
		t.Error("Parse does without a variable")
	}
	s, err := ParseRecorded(source)
	if err != nil || s.Requests() != 50 || len(s.Budgets) != 1 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestParseRecordedWithoutItsFiles(t *testing.T) {
	s, err := ParseRecorded(replaced(recordedSource, "BODY", "nowhere.json"))
	if err == nil {
		t.Error("no error, though a body is gone")
	}
	if s == nil || s.Requests() != 50 {
		t.Errorf("%+v, want the schedule", s)
	}
}

func TestParseRecordedGarbage(t *testing.T) {
	if s, err := ParseRecorded([]byte("streams: [")); err == nil || s != nil {
		t.Errorf("%+v, %v", s, err)
	}
}

func replaced(source, part, by string) []byte { return []byte(strings.Replace(source, part, by, 1)) }
