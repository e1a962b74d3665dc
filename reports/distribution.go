package reports

import (
	"encoding/json"

	"github.com/looptest/looptest/analysis"
)

// distributionDocument is a distribution in JSON, its times in milliseconds.
type distributionDocument struct {
	Samples int     `json:"samples"`
	Min     float64 `json:"min"`
	Mean    float64 `json:"mean"`
	P50     float64 `json:"p50"`
	P90     float64 `json:"p90"`
	P99     float64 `json:"p99"`
	P999    float64 `json:"p999"`
	Max     float64 `json:"max"`
}

// nothingMeasured is a distribution of no samples. Its times are null: zero would
// be the best there can be.
const nothingMeasured = `{"samples":0,"min":null,"mean":null,"p50":null,"p90":null,"p99":null,"p999":null,"max":null}`

// MarshalJSON writes the distribution.
func (d distributionDocument) MarshalJSON() ([]byte, error) {
	if d.Samples == 0 {
		return []byte(nothingMeasured), nil
	}
	type plain distributionDocument // without this method
	return json.Marshal(plain(d))
}

func describeDistribution(d analysis.Distribution) distributionDocument {
	return distributionDocument{
		Samples: d.N, Min: inMS(d.Min), Mean: inMS(d.Mean), P50: inMS(d.P50), P90: inMS(d.P90),
		P99: inMS(d.P99), P999: inMS(d.P999), Max: inMS(d.Max),
	}
}
