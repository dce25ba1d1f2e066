package archive

import "slices"

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

// dispatched is true of a row of videos that is with a task or a worker.
const dispatched = `due_at IS NOT NULL AND (claim > run OR lease_until IS NOT NULL) AND (slot OR state <> 'queued')`

// Tables lists every table but watch and titles, which only say what the last looks
// of ops:watch and HeyGen's titles were like, in the order in which they are written:
// none refers to a later one. Of meta only the account at HeyGen is written, whose
// renders the videos are. The rest says what Redis was like, and which installation
// this is: the one that is imported into keeps its own id, or there would be two with
// one.
var Tables = []*Table{
	{Name: "videos", Order: []string{"id"}, Columns: []Column{
		{Name: "id", Type: UUID},
		{Name: "user_id"},
		{Name: "title"},
		{Name: "description"},
		{Name: "priority", Type: Int},
		{Name: "not_before", Type: Time},
		{Name: "metadata", Type: JSON},
		{Name: "request", Type: JSON},
		{Name: "notify_url"},
		{Name: "created_at", Type: Time},
		{Name: "completed_at", Type: Time, Null: true},
		{Name: "state"},
		{Name: "due_at", Type: Time, Null: true, As: `CASE WHEN ` + dispatched + ` AND due_at > {now} THEN {now} ELSE due_at END`},
		{Name: "claim", Type: Int, As: `CASE WHEN ` + dispatched + ` THEN claim + 1 ELSE claim END`},
		{Name: "run", Type: Int, As: `CASE WHEN ` + dispatched + ` THEN claim + 1 ELSE run END`},
		{Name: "lease_until", Type: Time, Null: true, As: `CASE WHEN false THEN lease_until END`},
		{Name: "slot", Type: Bool},
		{Name: "attempt", Type: Int},
		{Name: "lapses", Type: Int},
		{Name: "cancel_requested", Type: Bool},
		{Name: "hinted", Type: Bool},
		{Name: "submission", Type: Int},
		{Name: "sends", Type: Int},
		{Name: "refusals", Type: Int},
		{Name: "refusal", Type: JSON, Null: true},
		{Name: "submitted_at", Type: Time, Null: true},
		{Name: "sent_at", Type: Time, Null: true},
		{Name: "looking_since", Type: Time, Null: true},
		{Name: "last_answer", Null: true},
		{Name: "heygen_id", Null: true},
		{Name: "accepted_at", Type: Time, Null: true},
		{Name: "render_deadline", Type: Time, Null: true},
		{Name: "render_dead", Type: Bool},
		{Name: "doubts", Type: Int},
		{Name: "doubted_since", Type: Time, Null: true},
		{Name: "failure", Type: JSON, Null: true},
		{Name: "media_prefix", Null: true},
		{Name: "file", Type: JSON, Null: true},
		{Name: "timeline", Type: Timeline},
		{Name: "files_removed_at", Type: Time, Null: true},
		{Name: "heygen_deleted_at", Type: Time, Null: true},
		{Name: "traceparent", Null: true},
		{Name: "request_id", Null: true},
	}},
	{Name: "video_analytics", Order: []string{"video_id"}, Columns: []Column{
		{Name: "video_id", Type: UUID},
		{Name: "due_at", Type: Time, Null: true}, // one that was sent is sent again in two minutes; nobody waits for it
		{Name: "claim", Type: Int},
		{Name: "attempt", Type: Int},
		{Name: "user_id"},
		{Name: "template"},
		{Name: "queue_time", Type: Span, Null: true},
		{Name: "submit_time", Type: Span, Null: true},
		{Name: "render_time", Type: Span, Null: true},
		{Name: "download_time", Type: Span, Null: true},
		{Name: "bytes", Type: Int, Null: true},
		{Name: "duration", Type: Span, Null: true},
		{Name: "width", Type: Int, Null: true},
		{Name: "height", Type: Int, Null: true},
		{Name: "video_codec", Null: true},
		{Name: "audio_codec", Null: true},
		{Name: "bit_rate", Type: Int, Null: true},
		{Name: "price", Type: Money, Null: true},
		{Name: "completed_at", Type: Time, Null: true},
		{Name: "failed_at", Type: Time, Null: true},
		{Name: "counted", Type: Bool},
	}},
	{Name: "notifications", Order: []string{"id"}, Columns: []Column{
		{Name: "id", Type: UUID},
		{Name: "video_id", Type: UUID},
		{Name: "event"},
		{Name: "url"},
		{Name: "created_at", Type: Time},
		{Name: "state"},
		{Name: "due_at", Type: Time, Null: true, As: `CASE WHEN claim > run AND due_at > {now} THEN {now} ELSE due_at END`},
		{Name: "claim", Type: Int, As: `CASE WHEN claim > run THEN claim + 1 ELSE claim END`},
		{Name: "run", Type: Int, As: `CASE WHEN claim > run THEN claim + 1 ELSE run END`},
		{Name: "attempt", Type: Int},
		{Name: "expires_at", Type: Time},
		{Name: "ended_at", Type: Time, Null: true},
		{Name: "tries", Type: Tries},
		{Name: "failure", Type: JSON, Null: true},
		{Name: "file", Type: JSON, Null: true},
	}},
	{Name: "daily_totals", Order: []string{"day", "user_id", "template"}, Columns: []Column{
		{Name: "day", Type: Day},
		{Name: "user_id"},
		{Name: "template"},
		{Name: "videos", Type: Int},
		{Name: "duration", Type: Span},
		{Name: "bytes", Type: Int},
		{Name: "price", Type: Money},
		{Name: "render_time", Type: Span},
	}},
	{Name: "idempotency_keys", Order: []string{"user_id", "key"}, Columns: []Column{
		{Name: "user_id"},
		{Name: "key"},
		{Name: "sum", Type: Bytes},
		{Name: "answer", Type: Bytes},
		{Name: "created_at", Type: Time},
		{Name: "expires_at", Type: Time},
	}},
	{Name: "heygen_endpoints", Order: []string{"id"}, Columns: []Column{
		{Name: "id"},
		{Name: "url"},
		{Name: "secret"},
		{Name: "created_at", Type: Time},
	}},
	{Name: "job_actions", Order: []string{"id"}, Columns: []Column{ // without its id: a running number
		{Name: "at", Type: Time},
		{Name: "who"},
		{Name: "request_id"},
		{Name: "action"},
		{Name: "job"},
		{Name: "video_id", Type: UUID, Null: true},
		{Name: "outcome"},
	}},
	{Name: "alerts", Order: []string{"id"}, Columns: []Column{
		{Name: "id", Type: UUID},
		{Name: "rule"},
		{Name: "subject"},
		{Name: "summary"},
		{Name: "since", Type: Time},
		{Name: "ended_at", Type: Time, Null: true},
		{Name: "start_sent_at", Type: Time, Null: true},
		{Name: "end_sent_at", Type: Time, Null: true},
		{Name: "send_error"},
	}},
	{Name: "admission", Order: []string{"id"}, Replaced: true, Columns: []Column{ // without its id: there is one
		{Name: "state"},
		{Name: "reason"},
		{Name: "until", Type: Time, Null: true},
	}},
	{Name: "meta", Order: []string{"key"}, Where: `key = 'heygen_account'`, Replaced: true, Columns: []Column{
		{Name: "key"},
		{Name: "value"},
	}},
	{Name: "scheduled_runs", Order: []string{"name"}, Replaced: true, Columns: []Column{
		{Name: "name"},
		{Name: "run", Type: Int},
		{Name: "started_at", Type: Time},
		{Name: "finished_at", Type: Time, Null: true, As: `CASE WHEN outcome = 'running' THEN {now} ELSE finished_at END`},
		{Name: "outcome", As: `CASE WHEN outcome = 'running' THEN 'interrupted' ELSE outcome END`},
		{Name: "result"},
		{Name: "error"},
		{Name: "succeeded_at", Type: Time, Null: true},
	}},
}

// Find returns the table of a name; nil: there is none.
func Find(name string) *Table {
	at := slices.IndexFunc(Tables, func(t *Table) bool { return t.Name == name })
	if at < 0 {
		return nil
	}
	return Tables[at]
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
