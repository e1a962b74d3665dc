package reports_test

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/looptest/looptest/analysis/claims"
	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/reports"
)

// A loop is held for 40 ms, so requests due 10 ms apart wait 40, 30, 20 and
// 10 ms: a saw tooth.
func ExampleDraw() {
	run := attack.Run{Arm: "block", Look: attack.LookBlock}
	run.Streams = []attack.StreamCount{{Name: "probe", Role: attack.Probe, Offered: 4, Sent: 4, Span: 40 * time.Millisecond}}
	for i := range 4 {
		due := time.Duration(i) * 10 * time.Millisecond
		run.Samples = append(run.Samples, attack.Sample{Seq: i, Intended: due, Sent: due, Done: 40 * time.Millisecond, Code: 200})
	}
	chart := claims.Chart{Kind: claims.Timeline, Name: "block-timeline", Title: "one blocking call of 40 ms delays every request"}

	var picture bytes.Buffer
	if err := reports.Draw(&picture, "svg", chart, []attack.Run{run}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(strings.Contains(picture.String(), "p50 20 ms · max 40 ms · n 4"))
	fmt.Println(strings.Contains(picture.String(), "40 ms wait"))
	// Output:
	// true
	// true
}

func ExampleDraw_unknownFormat() {
	fmt.Println(reports.Draw(nil, "gif", claims.Chart{Kind: claims.Timeline}, nil))
	// Output: unknown picture format "gif": use png or svg
}
