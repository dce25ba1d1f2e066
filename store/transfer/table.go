package transfer

import (
	"regexp"
	"slices"
	"strings"

	"heyq/store/sql"
)

// Table is one table of the store, as an archive has it.
type Table struct {
	Name     string
	Order    []string // the columns that its rows are sorted by
	Columns  []Column
	Where    string // a condition, in SQL, of the rows that are archived; empty: all
	Replaced bool   // what stands in it before an import is no reason to refuse it, and goes
}

// Column is one column of a table. What the database makes by itself (generated
// columns, running numbers) is none.
type Column struct {
	Name string
	Type Type
	Null bool
	// As is an SQL expression that is written instead of the column; {now} in it
	// is the time of the export. It has to mean the same to both databases, and to
	// change nothing that it has changed before. Empty: the column.
	As string
}

// Type is the form of a column's values.
type Type int

// The types, with the Go type that a value of each has between a database and an
// archive. NULL is nil.
const (
	Text     Type = iota // string
	UUID                 // string
	Int                  // int64
	Bool                 // bool
	Time                 // int64: microseconds since 1970
	Span                 // int64: microseconds
	Money                // int64: millionths of a US dollar
	Day                  // string: 2006-01-02
	Bytes                // []byte
	JSON                 // string
	Timeline             // string: a JSON list of states and times
	Tries                // string: a JSON list of attempts to deliver
)

// types are those that columns of Postgres have.
var types = map[string]Type{
	"text": Text, "uuid": UUID, "smallint": Int, "integer": Int, "bigint": Int, "boolean": Bool, "timestamp with time zone": Time,
	"interval": Span, "numeric": Money, "date": Day, "bytea": Bytes, "jsonb": JSON,
}

// exception is what the schema does not say of a table.
type exception struct {
	absent   bool              // nothing of it is archived
	without  []string          // columns that are not
	as       map[string]string // Column.As
	types    map[string]Type   // of JSON with a form of its own
	where    string            // Table.Where
	replaced bool              // Table.Replaced
}

// dispatched is true of a row of videos that is with a task or a worker, sent of one
// of notifications.
const (
	dispatched = `due_at IS NOT NULL AND (claim > run OR lease_until IS NOT NULL) AND (slot OR state <> 'queued')`
	sent       = `claim > run`
)

// exceptions to the rule that every column of every table is archived as it is. An
// analysis that was sent is sent again in two minutes, without one.
var exceptions = map[string]exception{
	"videos": {types: map[string]Type{"timeline": Timeline}, as: map[string]string{
		"due_at":      `CASE WHEN ` + dispatched + ` AND due_at > {now} THEN {now} ELSE due_at END`,
		"claim":       `CASE WHEN ` + dispatched + ` THEN claim + 1 ELSE claim END`,
		"run":         `CASE WHEN ` + dispatched + ` THEN claim + 1 ELSE run END`,
		"lease_until": `CASE WHEN false THEN lease_until END`,
	}},
	"notifications": {types: map[string]Type{"tries": Tries}, as: map[string]string{
		"due_at": `CASE WHEN ` + sent + ` AND due_at > {now} THEN {now} ELSE due_at END`,
		"claim":  `CASE WHEN ` + sent + ` THEN claim + 1 ELSE claim END`,
		"run":    `CASE WHEN ` + sent + ` THEN claim + 1 ELSE run END`,
	}},
	"scheduled_runs": {replaced: true, as: map[string]string{
		"finished_at": `CASE WHEN outcome = 'running' THEN {now} ELSE finished_at END`,
		"outcome":     `CASE WHEN outcome = 'running' THEN 'interrupted' ELSE outcome END`,
	}},
	// What is known of HeyGen is found out again; there is one row.
	"admission": {replaced: true, without: []string{"id", "streak", "closed_at", "proof", "probe", "probe_at", "probes"}},
	// The account at HeyGen, whose renders the videos are. The rest says what Redis was
	// like, and which installation this is: the one that is imported into keeps its own
	// id, or there would be two with one.
	"meta": {replaced: true, where: `key = 'heygen_account'`},
	// What the last looks of ops:watch and HeyGen's titles were like.
	"watch":  {absent: true},
	"titles": {absent: true},
}

// Tables lists what is archived, in the order in which it is written: none refers to a
// later one.
var Tables = tablesOf(sql.Schema)

var (
	tableText  = regexp.MustCompile(`(?ms)^CREATE TABLE (\w+) \(\n(.*?)^\)`)
	columnText = regexp.MustCompile(`^    ([a-z_]+) ([a-z ]+)(?:\([\d,]+\))?( NOT NULL)?(?: DEFAULT .*)?,?$`)
	keyText    = regexp.MustCompile(`PRIMARY KEY \((.*)\)`)
)

// tablesOf takes the tables from the picture of the schema. What the database makes by
// itself is GENERATED there.
func tablesOf(schema string) []*Table {
	var free, referring, replaced []*Table
	for _, found := range tableText.FindAllStringSubmatch(schema, -1) {
		name, body := found[1], found[2]
		e := exceptions[name]
		if e.absent {
			continue
		}
		t := &Table{Name: name, Order: strings.Split(keyText.FindStringSubmatch(body)[1], ", "), Where: e.where, Replaced: e.replaced}
		for line := range strings.Lines(body) {
			if strings.HasPrefix(line, "    CONSTRAINT ") || strings.Contains(line, " GENERATED ") {
				continue
			}
			c := columnText.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
			if c == nil {
				panic("transfer: no column of " + name + ": " + line)
			}
			kind, known := types[c[2]]
			if !known {
				panic("transfer: " + name + "." + c[1] + " is of a type without a form: " + c[2])
			}
			if slices.Contains(e.without, c[1]) {
				continue
			}
			if special, ok := e.types[c[1]]; ok {
				kind = special
			}
			t.Columns = append(t.Columns, Column{Name: c[1], Type: kind, Null: c[3] == "", As: e.as[c[1]]})
		}
		switch {
		case t.Replaced:
			replaced = append(replaced, t)
		case strings.Contains(body, "FOREIGN KEY"):
			referring = append(referring, t)
		default:
			free = append(free, t)
		}
	}
	return slices.Concat(free, referring, replaced)
}

// Find returns the table of a name; nil: there is none.
func Find(name string) *Table {
	at := slices.IndexFunc(Tables, func(t *Table) bool { return t.Name == name })
	if at < 0 {
		return nil
	}
	return Tables[at]
}

// at is where a column of a name stands.
func (t *Table) at(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// Names are the names of t's columns.
func (t *Table) Names() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// Rows is the table with the condition of its rows, as it stands behind FROM.
func (t *Table) Rows() string {
	if t.Where == "" {
		return t.Name
	}
	return t.Name + " WHERE " + t.Where
}
