package transfer

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
)

// Write writes an archive of source to w. The header is h, completed by what source
// says. progress, if it is not nil, is called with the header, and then for each row.
func Write(ctx context.Context, w io.Writer, source Source, h Header, progress Progress) (Header, error) {
	h.Format = Format
	out := newWriter(w)
	err := source.Snapshot(ctx, func(s Summary) error {
		h.Summary = s
		progress.begin(h)
		return out.header(h)
	}, func(t *Table, row []any) error {
		progress.row()
		return out.row(t, row)
	})
	if err != nil {
		return h, err
	}
	return h, out.close(h.Counts)
}

// Progress is told how far an archive is. The zero value tells nothing.
type Progress struct {
	Begin func(Header)
	Row   func()
}

func (p Progress) begin(h Header) {
	if p.Begin != nil {
		p.Begin(h)
	}
}

func (p Progress) row() {
	if p.Row != nil {
		p.Row()
	}
}

// writer writes lines and sums them up.
type writer struct {
	out    *bufio.Writer
	sum    hash.Hash
	line   []byte
	counts map[string]int64
}

func newWriter(w io.Writer) *writer {
	sum := sha256.New()
	return &writer{out: bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<16), sum: sum, counts: map[string]int64{}}
}

func (w *writer) header(h Header) error { return w.encode(h) }

func (w *writer) encode(v any) error {
	text, err := encode(v)
	if err != nil {
		return fmt.Errorf("encode a line: %w", err)
	}
	_, err = w.out.Write(append(text, '\n'))
	return err
}

func (w *writer) row(t *Table, row []any) error {
	w.line = append(append(append(w.line[:0], `{"table":"`...), t.Name...), `","row":{`...)
	for i, c := range t.Columns {
		text, err := c.text(row[i])
		if err != nil {
			return fmt.Errorf("%s of row %v of %s: it %w", c.Name, row[0], t.Name, err)
		}
		if i > 0 {
			w.line = append(w.line, ',')
		}
		w.line = append(append(append(append(w.line, '"'), c.Name...), `":`...), text...)
	}
	w.counts[t.Name]++
	_, err := w.out.Write(append(w.line, "}}\n"...))
	return err
}

// close writes the trailer, which must count what the header promised.
func (w *writer) close(promised map[string]int64) error {
	for _, t := range Tables {
		if w.counts[t.Name] != promised[t.Name] {
			return fmt.Errorf("%s has %d rows, and %d were counted", t.Name, w.counts[t.Name], promised[t.Name])
		}
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	text, err := json.Marshal(Trailer{Counts: promised, SHA256: hex.EncodeToString(w.sum.Sum(nil))})
	if err != nil {
		return err
	}
	if _, err := w.out.Write(append(text, '\n')); err != nil {
		return err
	}
	return w.out.Flush()
}
