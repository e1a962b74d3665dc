package claims

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/looptest/looptest/attack"
	"github.com/looptest/looptest/target"
)

// databaseTarget is a reference server that has opened its database, with a pool
// of so many connections.
func databaseTarget(s Settings, pool int) target.Reference {
	t := s.Target
	t.Database = cmp.Or(s.Database, target.EmbeddedDatabase)
	t.Options = fmt.Sprintf("--db-pool %d", pool)
	return t
}

func embedded(s Settings) bool { return s.Database == "" || s.Database == target.EmbeddedDatabase }

// databaseName is the kind of database, for a reader.
func databaseName(s Settings) string {
	if embedded(s) {
		return "embedded SQLite"
	}
	return "Postgres"
}

// databaseJobs asks for a job on the database, so many at once and so many times.
func databaseJobs(url string, size, times int, every time.Duration) attack.Stream {
	return offender(url, attack.Bursts{Size: size, Every: every, Times: times, Offset: 20 * time.Millisecond})
}

// warmupAsLoad sends a job beside the probes: the first one finds the database
// without its rows.
func warmupAsLoad(s Settings, stall time.Duration) attack.Warmup {
	w := warmup(s, 50*time.Millisecond, stall)
	w.AsLoad = true
	return w
}

// jobTakes is how long a job on the database takes by itself: the median of
// three, since the first may be slow.
func jobTakes(ctx context.Context, s Settings, url string) (time.Duration, error) {
	plan := attack.Plan{Blocks: 1, Arms: []attack.Arm{{
		Name: "how long it takes", Target: databaseTarget(s, target.DefaultDatabasePool),
		Streams: []attack.Stream{databaseJobs(url, 1, 3, 500*time.Millisecond)},
	}}}
	runs, err := attack.Execute(ctx, plan, attack.Hooks{})
	if err != nil {
		return 0, err
	}
	for _, sample := range runs[0].Samples {
		if sample.Err != "" {
			return 0, fmt.Errorf("%s failed (%s, code %d)", url, sample.Err, sample.Code)
		}
	}
	return time.Duration(offenderService(runs[0])), nil
}
