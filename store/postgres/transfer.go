package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"heyq/internal/fault"
	"heyq/store/sql"
	"heyq/store/transfer"
)

var (
	_ transfer.Source = (*Store)(nil)
	_ transfer.Target = (*Store)(nil)
)

// Snapshot reads the store as it is at one moment: a transaction that sees no
// commit but those before it, and locks no other out.
func (s *Store) Snapshot(ctx context.Context, begin func(transfer.Summary) error, each func(*transfer.Table, []any) error) error {
	return s.alone(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, "read the store", func(tx pgx.Tx) error {
		var at time.Time
		if err := tx.QueryRow(ctx, `SELECT now()`).Scan(&at); err != nil {
			return err
		}
		summary, err := transfer.Summarize(at, migrations, counter(ctx, tx))
		if err != nil {
			return err
		}
		return summary.Read(begin, func(t *transfer.Table) error { return readTable(ctx, tx, t, each) })
	})
}

func readTable(ctx context.Context, tx pgx.Tx, t *transfer.Table, each func(*transfer.Table, []any) error) error {
	rows, err := tx.Query(ctx, selectTable(t))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return err
		}
		if err := each(t, row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// selectTable reads a table as transfer.Type says. Text is sorted byte by byte,
// as the other database sorts it.
func selectTable(t *transfer.Table) string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		expression := c.Name
		if c.As != "" {
			expression = "(" + strings.ReplaceAll(c.As, "{now}", "now()") + ")"
		}
		switch c.Type {
		case transfer.UUID, transfer.Day, transfer.JSON, transfer.Timeline, transfer.Tries:
			expression += "::text"
		case transfer.Int:
			expression += "::bigint"
		case transfer.Time, transfer.Span:
			expression = "(extract(epoch FROM " + expression + ") * 1000000)::bigint"
		case transfer.Money:
			expression = "(" + expression + " * 1000000)::bigint"
		}
		columns[i] = expression
	}
	order := slices.Clone(t.Order)
	for i, name := range order {
		at := slices.IndexFunc(t.Columns, func(c transfer.Column) bool { return c.Name == name && c.Type == transfer.Text })
		if at >= 0 {
			order[i] = name + ` COLLATE "C"`
		}
	}
	return `SELECT ` + strings.Join(columns, ", ") + ` FROM ` + t.Rows() + ` ORDER BY ` + strings.Join(order, ", ")
}

// Restore fills an empty store, in one transaction. No other program reads or writes
// it meanwhile.
func (s *Store) Restore(ctx context.Context, r *transfer.Reader) error {
	return s.alone(ctx, pgx.TxOptions{}, "fill the store", func(tx pgx.Tx) error {
		if err := wantIdle(ctx, tx); err != nil {
			return err
		}
		return r.Fill(
			func(query string) error { _, err := tx.Exec(ctx, query); return err },
			func(t *transfer.Table) error { return writeTable(ctx, tx, t, r) },
		)
	})
}

// wantIdle takes the tables for this transaction alone, if no heyq is at work on
// them and they are empty.
func wantIdle(ctx context.Context, tx pgx.Tx) error {
	var free bool
	if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(`+sql.Lock("scheduler")+`)`).Scan(&free); err != nil {
		return err
	}
	names := make([]string, len(transfer.Tables))
	for i, t := range transfer.Tables {
		names[i] = t.Name
	}
	_, err := tx.Exec(ctx, `LOCK TABLE `+strings.Join(names, ", ")+` IN ACCESS EXCLUSIVE MODE NOWAIT`)
	if e, ok := errors.AsType[*pgconn.PgError](err); !free || ok && e.Code == "55P03" {
		return fault.Wrap(err, fault.Conflict, "a heyq is at work on this database").
			WithHint("stop all of its processes, or import into a database of its own")
	}
	if err != nil {
		return err
	}
	counts, err := transfer.Count(counter(ctx, tx))
	if err != nil {
		return err
	}
	return transfer.WantEmpty(counts)
}

// counter runs a query for one number.
func counter(ctx context.Context, tx pgx.Tx) func(string) (int64, error) {
	return func(query string) (n int64, err error) { return n, tx.QueryRow(ctx, query).Scan(&n) }
}

func writeTable(ctx context.Context, tx pgx.Tx, t *transfer.Table, r *transfer.Reader) error {
	source := &tableSource{table: t, reader: r}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{t.Name}, t.Names(), source)
	if source.err != nil {
		return source.err
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && refusesRow(e.Code) {
		return r.Refused(source.lineOf(e.Where), fmt.Errorf("the database refuses it: %s", e.Message))
	}
	return err
}

// refusesRow recognises errors that a row's own values lead to: data and
// constraints.
func refusesRow(code string) bool {
	return strings.HasPrefix(code, "22") || strings.HasPrefix(code, "23")
}

// tableSource gives the rows of a table to COPY.
type tableSource struct {
	table  *transfer.Table
	reader *transfer.Reader
	first  int // line of the first row; those behind it follow without a gap
	line   int
	row    []any
	err    error
}

// Next implements pgx.CopyFromSource.
func (s *tableSource) Next() bool {
	row, ok, err := s.reader.Row(s.table)
	if !ok {
		s.err = err
		return false
	}
	s.line = s.reader.Line()
	if s.first == 0 {
		s.first = s.line
	}
	s.row, s.err = row, err
	return true
}

// Values implements pgx.CopyFromSource.
func (s *tableSource) Values() ([]any, error) {
	values := make([]any, len(s.row))
	for i, c := range s.table.Columns {
		values[i] = columnValue(c, s.row[i])
	}
	return values, s.err
}

// Err implements pgx.CopyFromSource.
func (s *tableSource) Err() error { return s.err }

var copyLine = regexp.MustCompile(`COPY \w+, line (\d+)`)

// lineOf is the line of the archive that COPY stumbled over, as where tells it:
// it counts from the first row.
func (s *tableSource) lineOf(where string) int {
	if found := copyLine.FindStringSubmatch(where); found != nil {
		if n, err := strconv.Atoi(found[1]); err == nil {
			return s.first + n - 1
		}
	}
	return s.line
}

// columnValue is an archive's value as pgx writes it.
func columnValue(c transfer.Column, value any) any {
	switch v := value.(type) {
	case int64:
		switch c.Type {
		case transfer.Time:
			return time.UnixMicro(v).UTC()
		case transfer.Span:
			return pgtype.Interval{Microseconds: v, Valid: true}
		case transfer.Money:
			return pgtype.Numeric{Int: big.NewInt(v), Exp: -6, Valid: true}
		}
	case string:
		switch c.Type {
		case transfer.JSON, transfer.Timeline, transfer.Tries:
			return []byte(v)
		case transfer.Day:
			day, _ := time.Parse(time.DateOnly, v) // the reader has parsed it
			return day
		}
	}
	return value
}

// alone runs fn in a transaction on a connection that has all the time it needs.
func (s *Store) alone(ctx context.Context, options pgx.TxOptions, doing string, fn func(pgx.Tx) error) error {
	if s.pool == nil {
		return errors.New(doing + ": the store belongs to a transaction")
	}
	err := pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error {
		// The reader or the writer of the archive may be slow.
		if _, err := tx.Exec(ctx, unhurried); err != nil {
			return err
		}
		return fn(tx)
	})
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return explain(err, doing)
}
