package transfer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"

	"heyq/internal/fault"
	"heyq/store"
)

// mostLine is the longest line that is read: a request has 1 MB at most.
const mostLine = 64 << 20

// Reader reads an archive, table by table in the order of Tables. Its errors are
// faults that name the line.
type Reader struct {
	Header Header
	// Paused closes admission for this reason, if the archive has it open.
	Paused string

	in       *bufio.Reader
	sum      hash.Hash
	line     int // number of the last line that was read
	given    int // and of the one that Row returned
	progress Progress
	counts   map[string]int64

	table   *Table // of the row that comes next; nil: none does
	row     []any
	trailer *Trailer
}

// NewReader reads the first two lines. migration is this heyq's newest one, and the
// error names it. A fault.Invalid: r is no archive, or none that this heyq can read.
func NewReader(r io.Reader, migration string, progress Progress) (*Reader, error) {
	in := &Reader{in: bufio.NewReaderSize(r, 1<<16), sum: sha256.New(), counts: map[string]int64{}, progress: progress}
	text, err := in.read()
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &in.Header); err != nil || in.Header.Format == 0 {
		return nil, fault.New(fault.Invalid, "this is no archive of a heyq: its first line is no header").
			WithHint("give a file that `heyq export` wrote")
	}
	if h := in.Header; h.Format != Format || h.Migration != migration {
		return nil, fault.New(fault.Invalid, "the archive was written by heyq %s, with format %d and migration %s; this heyq has format %d and migration %s",
			h.HeyQ, h.Format, h.Migration, Format, migration).
			WithHint("import it with the heyq that wrote it, and upgrade that database")
	}
	progress.begin(in.Header)
	return in, in.advance()
}

// Line is the number of the line that Row returned last.
func (r *Reader) Line() int { return r.given }

// Row returns the next row of t, one value a column; ok is false if there are
// no more.
func (r *Reader) Row(t *Table) (row []any, ok bool, err error) {
	if r.table != t {
		return nil, false, nil
	}
	row, r.given = r.row, r.line
	if t.Name == "admission" && r.Paused != "" && row[t.at("state")] == string(store.Open) {
		row[t.at("state")], row[t.at("reason")], row[t.at("until")] = string(store.Paused), r.Paused, nil
	}
	r.progress.row()
	r.counts[t.Name]++
	return row, true, r.advance()
}

// Fill has an empty store take every table. exec runs a statement, and write writes
// all rows of a table. What was written counts only if Fill returns no error: it
// fails unless everything was read to the last line, and nothing is missing.
func (r *Reader) Fill(exec func(query string) error, write func(*Table) error) error {
	for _, t := range Tables {
		if t.Replaced {
			if err := exec(`DELETE FROM ` + t.Rows()); err != nil {
				return err
			}
		}
		if err := write(t); err != nil {
			return err
		}
	}
	return r.finish()
}

func (r *Reader) finish() error {
	switch {
	case r.table != nil:
		return r.damaged("%s stand where they were not expected", r.table.Name)
	case !maps.Equal(nonzero(r.counts), nonzero(r.trailer.Counts)) || !maps.Equal(nonzero(r.counts), nonzero(r.Header.Counts)):
		return r.damaged("it promises %v rows, and has %v", r.Header.Counts, r.counts)
	}
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		return r.damaged("something stands behind its end")
	}
	return nil
}

func nonzero(counts map[string]int64) map[string]int64 {
	counts = maps.Clone(counts)
	maps.DeleteFunc(counts, func(_ string, n int64) bool { return n == 0 })
	return counts
}

// advance reads the line behind the present one.
func (r *Reader) advance() error {
	before := r.sum.Sum(nil)
	text, err := r.read()
	if err != nil {
		return err
	}
	var line struct {
		Table  string                     `json:"table"`
		Row    map[string]json.RawMessage `json:"row"`
		SHA256 string                     `json:"sha256"`
	}
	if err := json.Unmarshal(text, &line); err != nil {
		return r.damaged("it is no JSON: %v", err)
	}
	if line.Table == "" {
		return r.end(text, line.SHA256, before)
	}
	t := Find(line.Table)
	switch {
	case t == nil:
		return r.damaged("there is no table %q", line.Table)
	case r.table != nil && slices.Index(Tables, t) < slices.Index(Tables, r.table):
		return r.damaged("%s stand behind %s", t.Name, r.table.Name)
	}
	r.table, r.row = t, make([]any, len(t.Columns))
	for i, c := range t.Columns {
		value, ok := line.Row[c.Name]
		if !ok {
			return r.damaged("%s of %s is missing", c.Name, t.Name)
		}
		delete(line.Row, c.Name)
		if r.row[i], err = c.parse(value); err != nil {
			return r.damaged("%s of %s %v", c.Name, t.Name, err)
		}
	}
	for name := range line.Row {
		return r.damaged("%s has no column %q", t.Name, name)
	}
	return nil
}

// end reads the trailer. before is the sum of all that stands before it.
func (r *Reader) end(text []byte, sum string, before []byte) error {
	r.table, r.row = nil, nil
	if err := json.Unmarshal(text, &r.trailer); err != nil || sum == "" {
		return r.damaged("it is neither a row nor the last line")
	}
	if sum != hex.EncodeToString(before) {
		return r.damaged("its SHA-256 is not that of the file")
	}
	return nil
}

// read reads one line, without its end.
func (r *Reader) read() ([]byte, error) {
	var text []byte
	for {
		part, err := r.in.ReadSlice('\n')
		_, _ = r.sum.Write(part) // of a hash: it cannot fail
		switch {
		case err == nil && text == nil:
			r.line++
			return bytes.TrimSuffix(part, []byte("\n")), nil
		case err == nil:
			r.line++
			return append(text, part[:len(part)-1]...), nil
		case errors.Is(err, io.EOF):
			return nil, fault.New(fault.Invalid, "the archive is cut off after line %d: it has no last line that says so", r.line).
				WithHint("export it again; nothing was imported")
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, fault.Wrap(err, fault.Unavailable, "the archive cannot be read: %v", err)
		case len(text) > mostLine:
			r.line++
			return nil, r.damaged("it is longer than %d bytes", mostLine)
		}
		text = append(text, part...)
	}
}

// damaged says what is wrong with the line that was read last.
func (r *Reader) damaged(format string, args ...any) error {
	return r.Refused(r.line, fmt.Errorf(format, args...))
}

// Refused says why a line cannot be taken.
func (r *Reader) Refused(line int, why error) error {
	return fault.Wrap(why, fault.Invalid, "line %d of the archive cannot be taken: %v", line, why).
		WithHint("the file was changed or damaged: export it again; nothing was imported")
}
