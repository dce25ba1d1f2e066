package sql

import (
	"fmt"
	"strings"
)

// Dialect is a database's way to say what SQL leaves to it.
type Dialect int

// The dialects.
const (
	Postgres Dialect = iota
	SQLite
)

// marks are what the databases say differently: Postgres first, SQLite second. A
// mark may have an argument, which stands for %s.
//
// Times and spans are microseconds in SQLite. A length, of a film or a phase, is a
// span that SQLite keeps in nanoseconds.
var marks = map[string][2]string{
	"now":    {"now()", "@now"},                                      // the transaction's one time
	"span":   {"%s * interval '1 us'", "%s"},                         // of microseconds
	"micros": {"(extract(epoch FROM %s) * 1000000)::bigint", "(%s)"}, // between two times
	"time":   {"(timestamptz 'epoch' + %s * interval '1 us')", "%s"}, // of microseconds since 1970
	"length": {"%s / 1e3 * interval '1 us'", "%s"},                   // of nanoseconds
	"day":    {"(%s AT TIME ZONE 'UTC')::date", "date(%s / 1000000, 'unixepoch')"},

	"moved": { // the timeline, with the state that a row comes to
		"timeline || jsonb_build_array(jsonb_build_object('state', %s, 'at', now()))",
		"json_insert(timeline, '$[#]', json_object('state', %s, 'at', @now))",
	},
	"since":  {"moment(timeline -> -1 ->> 'at')", "(timeline ->> '$[#-1].at')"}, // when it came there
	"object": {"jsonb_build_object", "json_object"},
	"array":  {"jsonb_build_array", "json_array"},
	"json":   {"%s::jsonb", "%s"}, // of text
	"unhex":  {"decode(%s, 'hex')", "unhex(%s)"},

	"greatest": {"greatest", "max"}, // of what is not NULL
	"least":    {"least", "min"},
	"random":   {"floor(random() * %s)", "abs(random()) %% max(1, %s)"}, // from 0 on, and below

	// Rows that are picked before they are changed. In Postgres the list is an ARRAY,
	// never IN (SELECT … LIMIT … FOR UPDATE): the planner may run such a subquery again,
	// and change more rows than the limit.
	"pick":   {"= ANY (ARRAY(", "IN ("},
	"picked": {"))", ")"},
	"lock":   {"FOR UPDATE%s", ""},        // until the transaction ends
	"share":  {"FOR NO KEY UPDATE%s", ""}, // and lets others refer to the row

	// The small indexes. Postgres has a generated column for each, and SQLite sees that
	// an index covers a query if the condition is written as the index has it. Each
	// video meets one of them, but for one that has ended and is still watched.
	"waiting":  {"waiting", "state = 'queued' AND NOT slot"},
	"active":   {"active", "(slot OR (due_at IS NOT NULL AND state <> 'queued'))"},
	"inactive": {"NOT active", "state IN ('completed', 'failed', 'cancelled')"}, // of those with a render
	"ended":    {"ended_as IS NOT NULL", "state IN ('completed', 'failed', 'cancelled')"},
	"ended as": {"ended_as", "state"},

	// JOIN from the few to the many. SQLite looks at nothing but indexes, and may read the many.
	"from it JOIN": {"JOIN", "CROSS JOIN"},

	"own":  {"v.", ""}, // column in RETURNING: SQLite knows no table there, Postgres all of them
	"pg":   {"%s", ""},
	"lite": {"", "%s"},
}

// fill writes a text in a dialect. Its marks may stand in one another.
func fill(text string, d Dialect) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		end := closing(rest)
		if inner := rest[:end]; inner == "" {
			out.WriteString("{}") // an empty JSON object
		} else {
			out.WriteString(mark(inner, d))
		}
		text = rest[end+1:]
	}
}

// closing is where the brace stands that closes the one before text.
func closing(text string) int {
	depth := 1
	for i, c := range text {
		switch c {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	panic("sql: a mark is not closed: " + text)
}

func mark(inner string, d Dialect) string {
	if forms, ok := marks[inner]; ok {
		if strings.Contains(forms[d], "%s") {
			return strings.TrimRight(fmt.Sprintf(forms[d], ""), " ")
		}
		return forms[d]
	}
	name := strings.Fields(inner)[0]
	argument := strings.TrimSpace(fill(inner[len(name):], d))
	switch name {
	case "either":
		postgres, sqlite, _ := strings.Cut(argument, "//")
		return strings.TrimSpace([2]string{postgres, sqlite}[d])
	case "in":
		return in(argument, d)
	case "records":
		return records(argument, d)
	case "get":
		column, key, _ := strings.Cut(argument, " ")
		return [2]string{column + " ->> '" + key + "'", column + " ->> '$." + key + "'"}[d]
	case "lock", "share":
		argument = " " + argument
	}
	forms, ok := marks[name]
	if !ok {
		panic("sql: there is no mark {" + inner + "}")
	}
	if !strings.Contains(forms[d], "%") {
		return forms[d]
	}
	return fmt.Sprintf(forms[d], argument)
}

// in is {in column @list}: the column is one of a list.
func in(argument string, d Dialect) string {
	column, list, _ := strings.Cut(argument, " ")
	if d == Postgres {
		return column + " = ANY (" + list + ")"
	}
	return column + " IN (SELECT value FROM json_each(" + list + "))"
}

// records is {records @list AS r (name type, …)}: a list of records as a table.
func records(argument string, d Dialect) string {
	list, table, _ := strings.Cut(argument, " AS ")
	if d == Postgres {
		return "json_to_recordset(" + list + ") AS " + table
	}
	alias, columns, _ := strings.Cut(table, " (")
	var values []string
	for column := range strings.SplitSeq(strings.TrimSuffix(columns, ")"), ",") {
		name, kind, _ := strings.Cut(strings.TrimSpace(column), " ")
		key := strings.Trim(name, `"`)
		value := "value ->> '" + key + "'"
		if kind == "jsonb" {
			value = "nullif(value -> '" + key + "', 'null')"
		}
		values = append(values, value+" AS "+name)
	}
	return "(SELECT " + strings.Join(values, ", ") + " FROM json_each(" + list + ")) AS " + alias
}
