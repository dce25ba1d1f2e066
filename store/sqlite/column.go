package sqlite

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// The columns that SQLite has no type for: times, and JSON.

type timeColumn struct{ to *time.Time }

// asTime reads microseconds, and NULL as the zero time.
func asTime(to *time.Time) sql.Scanner { return timeColumn{to} }

// Scan implements sql.Scanner.
func (c timeColumn) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*c.to = time.Time{}
	case int64:
		*c.to = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("a time of type %T", value)
	}
	return nil
}

type jsonColumn[T any] struct{ to *T }

// asJSON decodes JSON, and leaves NULL as it is.
func asJSON[T any](to *T) sql.Scanner { return jsonColumn[T]{to} }

// Scan implements sql.Scanner.
func (c jsonColumn[T]) Scan(value any) error {
	if value == nil {
		return nil
	}
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("JSON of type %T", value)
	}
	return json.Unmarshal([]byte(text), c.to)
}

type textColumn struct{ to *json.RawMessage }

// asText takes JSON as it stands.
func asText(to *json.RawMessage) sql.Scanner { return textColumn{to} }

// Scan implements sql.Scanner.
func (c textColumn) Scan(value any) error {
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("JSON of type %T", value)
	}
	*c.to = json.RawMessage(text)
	return nil
}
