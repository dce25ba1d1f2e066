package sql

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Statement is a text with marks, and what each dialect makes of it: once, when it
// is needed first.
type Statement struct {
	Name string // of the operation, as statistics have it
	text string
	once [2]sync.Once
	form [2]form
}

// form is a statement as a database takes it.
type form struct {
	sql   string
	names []string // of the values, in Postgres by their numbers
}

// fixed are the statements whose text does not depend on what is asked for.
var fixed []*Statement

// statement is for the package's variables.
func statement(name, text string) *Statement {
	s := &Statement{Name: name, text: text}
	fixed = append(fixed, s)
	return s
}

// put has the statements that are put together, by their texts: each is filled in
// once as well.
var put sync.Map

func together(name, text string) *Statement {
	if s, ok := put.Load(text); ok {
		return s.(*Statement)
	}
	s, _ := put.LoadOrStore(text, &Statement{Name: name, text: text})
	return s.(*Statement)
}

var value = regexp.MustCompile(`@[a-z_]+`)

func (s *Statement) in(d Dialect) *form {
	s.once[d].Do(func() {
		f := &s.form[d]
		f.sql = fill(s.text, d)
		number := func(name string) string {
			at := slices.Index(f.names, name[1:])
			if at < 0 {
				at = len(f.names)
				f.names = append(f.names, name[1:])
			}
			if d == SQLite {
				return name
			}
			return "$" + strconv.Itoa(at+1)
		}
		f.sql = value.ReplaceAllStringFunc(f.sql, number)
	})
	return &s.form[d]
}

// Args are the values of a statement, by their names.
type Args map[string]any

// list is a value that travels as JSON.
type list struct{ of any }

// Step is a statement with its values, and what is done with its rows.
type Step struct {
	*Statement
	Args  Args
	Start func()          // before the first row, as often as the statement is tried
	Each  func(Row) error // with each row; nil: it has none
	Count *int            // set to how many rows were changed; nil: it does not matter
}

// Row is a row that has come.
type Row interface{ Scan(dest ...any) error }

// In is the text for a database, empty if it needs no such statement.
func (s Step) In(d Dialect) string { return s.in(d).sql }

// Bind returns the text for a database, empty if it needs no such statement, and
// the values that it names. now is for databases that ask for the time.
func (s Step) Bind(d Dialect, now time.Time) (text string, names []string, values []any, err error) {
	f := s.in(d)
	values = make([]any, len(f.names))
	for i, name := range f.names {
		given, ok := s.Args[name]
		if !ok {
			if name != "now" {
				return "", nil, nil, fmt.Errorf("%s: nothing is given for %s", s.Name, name)
			}
			given = now
		}
		if values[i], err = bind(given, d); err != nil {
			return "", nil, nil, fmt.Errorf("encode %s: %w", name, err)
		}
	}
	return f.sql, f.names, values, nil
}

// bind makes a value what a database's driver takes: a span is a number of
// microseconds, a zero time NULL.
func bind(given any, d Dialect) (any, error) {
	switch v := given.(type) {
	case time.Duration:
		return v.Microseconds(), nil
	case time.Time:
		switch {
		case v.IsZero():
			return nil, nil
		case d == SQLite:
			return v.UnixMicro(), nil
		}
	case list:
		text, err := json.Marshal(v.of)
		return string(text), err
	case json.RawMessage:
		return string(v), nil
	case []uuid.UUID:
		if d == SQLite {
			return bind(list{append([]uuid.UUID{}, v...)}, d)
		}
	case []string:
		if d == SQLite {
			return bind(list{append([]string{}, v...)}, d)
		}
	}
	return given, nil
}

// asArg gives a value to a statement as JSON.
func asArg(v any) list { return list{v} }

// Text is the statement of a name as a database takes it, for those who want to see
// its plan. There must be one.
func Text(name string, d Dialect) string {
	at := slices.IndexFunc(fixed, func(s *Statement) bool { return s.Name == name })
	return fixed[at].in(d).sql
}
