package fuzz

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
)

// Pair is a program with Node's trace of it.
type Pair struct {
	Program *Program `json:"program"`
	Node    []string `json:"node"`
}

// WritePairs writes pairs, a line of JSON each, compressed.
func WritePairs(w io.Writer, pairs []Pair) error {
	zip, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(zip)
	for _, pair := range pairs {
		if err := lines.Encode(pair); err != nil {
			return err
		}
	}
	return zip.Close()
}

// ReadPairs reads what WritePairs wrote.
func ReadPairs(r io.Reader) ([]Pair, error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	for lines := json.NewDecoder(zip); ; {
		var pair Pair
		switch err := lines.Decode(&pair); {
		case errors.Is(err, io.EOF):
			return pairs, nil
		case err != nil:
			return nil, err
		}
		pairs = append(pairs, pair)
	}
}
