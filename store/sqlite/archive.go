package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"heyq/internal/fault"
	"heyq/store/archive"
)

var (
	_ archive.Source = (*Snapshot)(nil)
	_ archive.Target = (*Store)(nil)
)

// Snapshot reads a store's file beside the process that has it open, and takes
// no lock that this one would wait for.
type Snapshot struct {
	file  *sql.DB
	clock func() time.Time
}

// OpenSnapshot opens the file at path to be read. A fault.NotFound: there is none.
// A fault.Unavailable: its schema is not this binary's.
func OpenSnapshot(ctx context.Context, path string) (*Snapshot, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(err, fault.NotFound, "there is no database in %s", filepath.Dir(path)).
			WithHint("name the folder with --dir, or set DATABASE_URL where heyq uses Postgres")
	}
	file, err := sql.Open("sqlite", dataSource(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, explain(err, "open the database")
	}
	file.SetMaxOpenConns(1)
	s := &Snapshot{file: file, clock: time.Now}
	if err := s.checkSchema(ctx); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

// checkSchema compares what was applied with what this binary has.
func (s *Snapshot) checkSchema(ctx context.Context) error {
	newest, err := newestMigration()
	if err != nil {
		return err
	}
	var applied int
	if err := s.file.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&applied); err != nil {
		return explain(err, "read the migrations")
	}
	if !strings.HasPrefix(newest, fmt.Sprintf("%05d_", applied)) {
		return fault.New(fault.Unavailable, "the database's schema is number %d, and this heyq's is %s", applied, newest).
			WithHint("use the heyq that runs on it, or start this one on it once: it brings the schema up to date")
	}
	return nil
}

// Close gives the file back.
func (s *Snapshot) Close() error { return s.file.Close() }

// Snapshot reads the store as it is at one moment: that of its first read.
func (s *Snapshot) Snapshot(ctx context.Context, begin func(archive.Summary) error, each func(*archive.Table, []any) error) error {
	tx, err := s.file.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(err, "read the store")
	}
	return errors.Join(explain(snapshot(ctx, tx, s.clock(), begin, each), "read the store"), rollback(tx))
}

func snapshot(ctx context.Context, tx *sql.Tx, now time.Time, begin func(archive.Summary) error, each func(*archive.Table, []any) error) error {
	summary := archive.Summary{At: now.UTC().Truncate(time.Microsecond), Counts: map[string]int64{}}
	var err error
	if summary.Migration, err = newestMigration(); err != nil {
		return err
	}
	for _, t := range archive.Tables {
		var n int64
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM `+t.Rows()).Scan(&n); err != nil {
			return err
		}
		summary.Counts[t.Name] = n
	}
	if err := begin(summary); err != nil {
		return err
	}
	for _, t := range archive.Tables {
		if err := readTable(ctx, tx, t, now, each); err != nil {
			return err
		}
	}
	return nil
}

func readTable(ctx context.Context, tx *sql.Tx, t *archive.Table, now time.Time, each func(*archive.Table, []any) error) error {
	rows, err := tx.QueryContext(ctx, selectTable(t), sql.Named("now", micros(now)))
	if err != nil {
		return err
	}
	defer rows.Close()
	row, dest := make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range row {
		dest[i] = &row[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		for i, c := range t.Columns {
			if n, ok := row[i].(int64); ok && c.Type == archive.Bool {
				row[i] = n != 0
			}
		}
		if err := each(t, row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// selectTable reads a table as archive.Type says.
func selectTable(t *archive.Table) string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		expression := c.Name
		if c.As != "" {
			expression = "(" + strings.ReplaceAll(c.As, "{now}", ":now") + ")"
		}
		switch c.Type {
		case archive.Span:
			expression = "CAST(round(" + expression + " / 1000.0) AS INTEGER)"
		case archive.Money:
			expression = "CAST(round(" + expression + " * 1000000) AS INTEGER)"
		}
		columns[i] = expression
	}
	return `SELECT ` + strings.Join(columns, ", ") + ` FROM ` + t.Rows() + ` ORDER BY ` + strings.Join(t.Order, ", ")
}

// Restore fills an empty store, in one transaction. This process has the file to
// itself.
func (s *Store) Restore(ctx context.Context, r *archive.Reader) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := wantEmpty(ctx, tx); err != nil {
			return err
		}
		for _, t := range archive.Tables {
			if t.Replaced {
				if _, err := tx.ExecContext(ctx, `DELETE FROM `+t.Rows()); err != nil {
					return err
				}
			}
			if err := writeTable(ctx, tx, t, r); err != nil {
				return err
			}
		}
		return r.Finish()
	})
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return explain(err, "fill the store")
}

func wantEmpty(ctx context.Context, tx *sql.Tx) error {
	var found []string
	for _, t := range archive.Tables {
		var n int64
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM `+t.Rows()).Scan(&n); err != nil {
			return err
		}
		if n > 0 && !t.Replaced {
			found = append(found, fmt.Sprintf("%d %s", n, t.Name))
		}
	}
	return archive.WantEmpty(found)
}

func writeTable(ctx context.Context, tx *sql.Tx, t *archive.Table, r *archive.Reader) error {
	insert, err := tx.PrepareContext(ctx, `INSERT INTO `+t.Name+` (`+strings.Join(t.Names(), ", ")+`) VALUES (?`+strings.Repeat(", ?", len(t.Columns)-1)+`)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for {
		row, ok, err := r.Row(t)
		if !ok {
			return err
		}
		line := r.Line()
		if err != nil {
			return err
		}
		values := make([]any, len(row))
		for i, c := range t.Columns {
			if values[i], err = columnValue(c, row[i]); err != nil {
				return r.Refused(line, err)
			}
		}
		if _, err := insert.ExecContext(ctx, values...); err != nil {
			if e, ok := errors.AsType[*sqlite3.Error](err); ok && (e.Code()&0xff == lib.SQLITE_CONSTRAINT || e.Code()&0xff == lib.SQLITE_MISMATCH) {
				return r.Refused(line, fmt.Errorf("the database refuses it: %w", err))
			}
			return err
		}
	}
}

// columnValue is an archive's value as it is kept.
func columnValue(c archive.Column, value any) (any, error) {
	switch v := value.(type) {
	case int64:
		switch c.Type {
		case archive.Span:
			return v * int64(time.Microsecond), nil
		case archive.Money:
			return float64(v) / 1e6, nil
		}
	case string:
		if c.Type == archive.Timeline {
			return archive.Micros(v)
		}
	}
	return value, nil
}

// newestMigration is the name of the last migration that this binary has.
func newestMigration() (string, error) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return "", fmt.Errorf("read the embedded migrations: %w", err)
	}
	return entries[len(entries)-1].Name(), nil // they are sorted
}
