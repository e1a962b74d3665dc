package record

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Bounds of what is read of a Parquet file: larger claims are refused before
// memory is made for them. They are far above what this package writes.
const (
	maxPageBytes = 64 << 20
	maxGroupRows = 32 << 20
)

// checkGroup holds what the pages of a row group claim against what there is.
func checkGroup(f *parquet.File, group int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("broken Parquet: %v", p)
		}
	}()
	meta := f.Metadata().RowGroups[group]
	if meta.NumRows < 0 || meta.NumRows > maxGroupRows {
		return fmt.Errorf("a row group of %d rows; at most %d are read", meta.NumRows, maxGroupRows)
	}
	for i, c := range meta.Columns {
		if err := checkChunk(f, c.MetaData, meta.NumRows); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

func checkChunk(f *parquet.File, meta format.ColumnMetaData, rows int64) error {
	begins := meta.DataPageOffset
	if meta.DictionaryPageOffset != 0 {
		begins = min(begins, meta.DictionaryPageOffset)
	}
	if size := meta.TotalCompressedSize; begins < 0 || size < 0 || begins > f.Size() || size > f.Size()-begins {
		return errors.New("data beyond the end of the file")
	}
	in := bufio.NewReaderSize(io.NewSectionReader(f, begins, meta.TotalCompressedSize), 512)
	headers := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(in))
	values := int64(0)
	for values < rows {
		var header format.PageHeader
		if err := headers.Decode(&header); err != nil {
			if errors.Is(err, io.EOF) {
				err = fmt.Errorf("%d values where the row group has %d", values, rows)
			}
			return err
		}
		n, err := checkPage(header, meta, rows-values, in)
		if err != nil {
			return err
		}
		values += n
		if _, err := in.Discard(int(header.CompressedPageSize)); err != nil {
			return fmt.Errorf("a page that ends after its column: %w", io.ErrUnexpectedEOF)
		}
	}
	return nil
}

// checkPage gives the number of the page's values; 0 for a dictionary.
func checkPage(h format.PageHeader, meta format.ColumnMetaData, left int64, in *bufio.Reader) (int64, error) {
	if h.UncompressedPageSize < 0 || h.UncompressedPageSize > maxPageBytes || h.CompressedPageSize < 0 || int64(h.CompressedPageSize) > meta.TotalCompressedSize {
		return 0, fmt.Errorf("a page of %d bytes; at most %d are read", h.UncompressedPageSize, maxPageBytes)
	}
	var n int64
	var encoding format.Encoding
	levels := 0
	switch {
	case h.Type == format.DictionaryPage && h.DictionaryPageHeader.Valid:
		if count := int64(h.DictionaryPageHeader.V.NumValues); count < 0 || count > int64(h.UncompressedPageSize) {
			return 0, fmt.Errorf("a dictionary of %d values in %d bytes", count, h.UncompressedPageSize)
		}
		return 0, nil
	case h.Type == format.DataPage && h.DataPageHeader.Valid:
		n, encoding = int64(h.DataPageHeader.V.NumValues), h.DataPageHeader.V.Encoding
	case h.Type == format.DataPageV2 && h.DataPageHeaderV2.Valid:
		v := h.DataPageHeaderV2.V
		n, encoding = int64(v.NumValues), v.Encoding
		levels = int(v.RepetitionLevelsByteLength) + int(v.DefinitionLevelsByteLength)
	default:
		return 0, fmt.Errorf("a page of type %d", h.Type)
	}
	if n < 0 || n > left {
		return 0, fmt.Errorf("a page of %d values where %d are left", n, left)
	}
	if encoding == format.DeltaBinaryPacked && meta.Codec == format.Uncompressed && levels == 0 {
		return n, checkDelta(in, n)
	}
	return n, nil
}

// checkDelta compares the count inside a delta-encoded page to the page's, for
// the decoder believes it.
func checkDelta(in *bufio.Reader, n int64) error {
	begins, _ := in.Peek(4 * binary.MaxVarintLen64)
	for range 2 { // block size and miniblocks
		_, size := binary.Uvarint(begins)
		begins = begins[max(size, 0):]
	}
	if count, size := binary.Uvarint(begins); size <= 0 || count > uint64(n) {
		return fmt.Errorf("%d values inside a page of %d", count, n)
	}
	return nil
}
