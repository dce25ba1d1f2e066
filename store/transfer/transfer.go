package transfer

import (
	"context"
	"embed"
	"fmt"
	"strings"
	"time"

	"heyq/internal/fault"
)

// Format is the version of the form. It grows when an older heyq could not read
// what a newer one wrote.
const Format = 1

// Header is the first line of an archive.
type Header struct {
	Format int    `json:"heyq_archive"`
	HeyQ   string `json:"heyq"`   // which heyq wrote it
	Source string `json:"source"` // what it was written from, without secrets
	Summary
}

// Summary says what is to come.
type Summary struct {
	At        time.Time        `json:"at"`        // the moment whose state it is, by the database's clock
	Migration string           `json:"migration"` // the newest one that was applied
	Counts    map[string]int64 `json:"counts"`    // rows, by table
}

// Summarize says what a snapshot has: at is its moment, files are the migrations, and
// count runs a query for one number.
func Summarize(at time.Time, files embed.FS, count func(query string) (int64, error)) (Summary, error) {
	newest, err := Newest(files)
	if err != nil {
		return Summary{}, err
	}
	counts, err := Count(count)
	return Summary{at.UTC().Truncate(time.Microsecond), newest, counts}, err
}

// Read has begin take the summary, and then read every table.
func (s Summary) Read(begin func(Summary) error, read func(*Table) error) error {
	if err := begin(s); err != nil {
		return err
	}
	for _, t := range Tables {
		if err := read(t); err != nil {
			return err
		}
	}
	return nil
}

// Rows is how many rows there are in all.
func (s Summary) Rows() (n int64) {
	for _, count := range s.Counts {
		n += count
	}
	return n
}

// Trailer is the last line of an archive.
type Trailer struct {
	Counts map[string]int64 `json:"counts"`
	SHA256 string           `json:"sha256"` // of every byte before this line, in hex
}

// Source is a store that can be written to an archive.
type Source interface {
	// Snapshot reads one state of the store, that of a single moment, while
	// others may be at work on it. It calls begin once, and then each for every
	// row of every table in the order of Tables. A row is only valid during the
	// call. An error of either ends it.
	Snapshot(ctx context.Context, begin func(Summary) error, each func(t *Table, row []any) error) error
}

// Target is a store that can be filled from an archive.
type Target interface {
	// Restore takes all that r reads, or nothing. A fault.Conflict: the store is
	// not empty, or a process works on it. A fault.Invalid names the line that
	// cannot be taken.
	Restore(ctx context.Context, r *Reader) error
}

// Count counts the rows of every table. count runs a query for one number.
func Count(count func(query string) (int64, error)) (map[string]int64, error) {
	counts := make(map[string]int64, len(Tables))
	for _, t := range Tables {
		n, err := count(`SELECT count(*) FROM ` + t.Rows())
		if err != nil {
			return nil, err
		}
		counts[t.Name] = n
	}
	return counts, nil
}

// Newest is the name of the last migration that this binary has, of those in files.
func Newest(files embed.FS) (string, error) {
	entries, err := files.ReadDir("migrations")
	if err != nil {
		return "", fmt.Errorf("read the embedded migrations: %w", err)
	}
	return entries[len(entries)-1].Name(), nil // they are sorted
}

// WantEmpty refuses a store in which rows were counted that would stay.
func WantEmpty(counts map[string]int64) error {
	var found []string
	for _, t := range Tables {
		if n := counts[t.Name]; n > 0 && !t.Replaced {
			found = append(found, fmt.Sprintf("%d %s", n, t.Name))
		}
	}
	if len(found) == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "the database to import into is not empty: it has %s", strings.Join(found, ", ")).
		WithHint("import into a new one: nothing is merged, and nothing is overwritten")
}
