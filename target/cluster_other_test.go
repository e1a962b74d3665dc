//go:build !unix

package target_test

import (
	"testing"

	"github.com/looptest/looptest/target"
)

type cluster struct{}

func postgres(t *testing.T) *cluster {
	t.Skip("the tests start a Postgres on Unix alone")
	return nil
}

var endCluster = func() {}

func clusterBin() string { return "" }

const clusterPassword = "se:cr/et@%?"

func (*cluster) dsn() target.DSN                      { return "" }
func (*cluster) as(string) target.DSN                 { return "" }
func (*cluster) start() error                         { return nil }
func (*cluster) crash()                               {}
func (*cluster) count(t *testing.T, query string) int { return 0 }
func (*cluster) exec(t *testing.T, statement string)  {}
