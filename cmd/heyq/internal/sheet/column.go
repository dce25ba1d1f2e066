package sheet

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"heyq/internal/check"
	"heyq/internal/text"
	"heyq/wire"
)

// column is where the cells below a heading go.
type column struct {
	name string // of the heading
	set  func(body map[string]any, cell string) (problem string)
}

// groups are the fields whose entries are columns of their own.
var groups = []string{"variables", "metadata"}

// fields are the columns that stand for a whole field: all but the groups, and the
// key, which each line has by its content.
var fields = slices.DeleteFunc(wire.Fields(), func(f wire.Field) bool {
	return slices.Contains(groups, f.Name) || f.Name == "idempotency_key"
})

func names() []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.Name
	}
	return list
}

// Reason is the heading of a column that a file of rejected lines has: what is
// wrong with each line. The column stands first, so that a line with too few cells
// still has too few. Read ignores it.
const Reason = "rejected_because"

// columnNamed finds the column of a heading.
func columnNamed(name string) (column, bool) {
	if name == Reason {
		return column{name, func(map[string]any, string) string { return "" }}, true
	}
	for _, f := range fields {
		if f.Name == name {
			return column{name, func(body map[string]any, cell string) string {
				value, problem := read(f, cell)
				body[name] = value
				return problem
			}}, true
		}
	}
	group, key, found := strings.Cut(name, ".")
	if !found || key == "" || !slices.Contains(groups, group) {
		return column{}, false
	}
	return column{name, func(body map[string]any, cell string) string {
		entries, ok := body[group].(map[string]string)
		if !ok {
			entries = map[string]string{}
			body[group] = entries
		}
		entries[key] = cell
		return ""
	}}, true
}

// read takes a cell as the field's type wants it. Whether a text makes sense is for
// the API to say.
func read(f wire.Field, cell string) (value any, problem string) {
	switch f.Type.Kind() {
	case reflect.Bool:
		return boolean(cell)
	case reflect.Int:
		return priority(cell)
	case reflect.Map:
		return object(cell)
	}
	return cell, ""
}

// priority is the one field that is a number.
func priority(cell string) (any, string) {
	p, ok := wire.ParsePriority(cell)
	if !ok {
		return nil, fmt.Sprintf("%q is neither a whole number nor %s", cell, check.Or(wire.PriorityWords))
	}
	return p, ""
}

// boolean also reads what spreadsheets write.
func boolean(cell string) (any, string) {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "true", "yes", "1":
		return true, ""
	case "false", "no", "0":
		return false, ""
	}
	return nil, fmt.Sprintf("%q is neither true nor false", cell)
}

func object(cell string) (any, string) {
	var value map[string]any
	if err := text.CheckJSON("the cell", []byte(cell)); err != nil {
		return nil, err.Error()
	}
	if err := json.Unmarshal([]byte(cell), &value); err != nil || value == nil {
		return nil, `is no JSON object; write one such as {"type": "studio", "scenes": [...]}`
	}
	return json.RawMessage(cell), ""
}
