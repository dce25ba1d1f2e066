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
	"heyq/store/transfer"
)

var (
	_ transfer.Source = (*Snapshot)(nil)
	_ transfer.Target = (*Store)(nil)
)

// Snapshot reads a store's file while another process has it open. It takes no
// lock that the other process would wait for.
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
	newest, err := transfer.Newest(migrations)
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
func (s *Snapshot) Snapshot(ctx context.Context, begin func(transfer.Summary) error, each func(*transfer.Table, []any) error) error {
	tx, err := s.file.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return explain(err, "read the store")
	}
	return errors.Join(explain(snapshot(ctx, tx, s.clock(), begin, each), "read the store"), rollback(tx))
}

func snapshot(ctx context.Context, tx *sql.Tx, now time.Time, begin func(transfer.Summary) error, each func(*transfer.Table, []any) error) error {
	summary, err := transfer.Summarize(now, migrations, counter(ctx, tx))
	if err != nil {
		return err
	}
	return summary.Read(begin, func(t *transfer.Table) error { return readTable(ctx, tx, t, now, each) })
}

func readTable(ctx context.Context, tx *sql.Tx, t *transfer.Table, now time.Time, each func(*transfer.Table, []any) error) error {
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
			if n, ok := row[i].(int64); ok && c.Type == transfer.Bool {
				row[i] = n != 0
			}
		}
		if err := each(t, row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// selectTable reads a table as transfer.Type says.
func selectTable(t *transfer.Table) string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		expression := c.Name
		if c.As != "" {
			expression = "(" + strings.ReplaceAll(c.As, "{now}", ":now") + ")"
		}
		switch c.Type {
		case transfer.Span:
			expression = "CAST(round(" + expression + " / 1000.0) AS INTEGER)"
		case transfer.Money:
			expression = "CAST(round(" + expression + " * 1000000) AS INTEGER)"
		}
		columns[i] = expression
	}
	return `SELECT ` + strings.Join(columns, ", ") + ` FROM ` + t.Rows() + ` ORDER BY ` + strings.Join(t.Order, ", ")
}

// Restore fills an empty store, in one transaction. This process has the file to
// itself.
func (s *Store) Restore(ctx context.Context, r *transfer.Reader) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		counts, err := transfer.Count(counter(ctx, tx))
		if err == nil {
			err = transfer.WantEmpty(counts)
		}
		if err != nil {
			return err
		}
		return r.Fill(
			func(query string) error { _, err := tx.ExecContext(ctx, query); return err },
			func(t *transfer.Table) error { return writeTable(ctx, tx, t, r) },
		)
	})
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return explain(err, "fill the store")
}

// counter runs a query for one number.
func counter(ctx context.Context, tx *sql.Tx) func(string) (int64, error) {
	return func(query string) (n int64, err error) { return n, tx.QueryRowContext(ctx, query).Scan(&n) }
}

func writeTable(ctx context.Context, tx *sql.Tx, t *transfer.Table, r *transfer.Reader) error {
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
func columnValue(c transfer.Column, value any) (any, error) {
	switch v := value.(type) {
	case int64:
		switch c.Type {
		case transfer.Span:
			return v * int64(time.Microsecond), nil
		case transfer.Money:
			return float64(v) / 1e6, nil
		}
	case string:
		if c.Type == transfer.Timeline {
			return transfer.Micros(v)
		}
	}
	return value, nil
}
