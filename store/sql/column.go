package sql

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// The columns that the databases keep, or their drivers give, in different forms.

// column reads a value as one of the two forms; what it cannot read is an error.
type column func(value any) error

// Scan implements sql.Scanner.
func (c column) Scan(value any) error { return c(value) }

// asTime reads a time in UTC, and NULL as the zero time.
func asTime(to *time.Time) sql.Scanner {
	return column(func(value any) error {
		switch v := value.(type) {
		case nil:
			*to = time.Time{}
		case int64:
			*to = time.UnixMicro(v).UTC()
		case time.Time:
			*to = v.UTC()
		default:
			return fmt.Errorf("a time of type %T", value)
		}
		return nil
	})
}

// asSpan reads a number of microseconds.
func asSpan(to *time.Duration) sql.Scanner {
	return column(func(value any) error {
		v, ok := value.(int64)
		if !ok {
			return fmt.Errorf("a span of type %T", value)
		}
		*to = time.Duration(v) * time.Microsecond
		return nil
	})
}

// asJSON decodes JSON, and leaves NULL as it is.
func asJSON(to any) sql.Scanner {
	return column(func(value any) error {
		switch v := value.(type) {
		case nil:
			return nil
		case string:
			return json.Unmarshal([]byte(v), to)
		case []byte:
			return json.Unmarshal(v, to)
		}
		return fmt.Errorf("JSON of type %T", value)
	})
}

// asText takes JSON as it stands.
func asText(to *json.RawMessage) sql.Scanner {
	return column(func(value any) error {
		switch v := value.(type) {
		case string:
			*to = json.RawMessage(v)
		case []byte:
			*to = bytes.Clone(v)
		default:
			return fmt.Errorf("JSON of type %T", value)
		}
		return nil
	})
}

// moment is a time within JSON: a text in Postgres, microseconds in SQLite.
type moment time.Time

// UnmarshalJSON implements json.Unmarshaler.
func (m *moment) UnmarshalJSON(text []byte) error {
	var at time.Time
	if len(text) > 0 && text[0] != '"' {
		var micros int64
		if err := json.Unmarshal(text, &micros); err != nil {
			return err
		}
		at = time.UnixMicro(micros)
	} else if err := json.Unmarshal(text, &at); err != nil {
		return err
	}
	*m = moment(at.UTC())
	return nil
}
