package sheet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"heyq/internal/text"
)

// column is where the cells below a heading go.
type column struct {
	name string // of the heading
	set  func(body map[string]any, cell string) (problem string)
}

// fields are the columns that stand for a whole field, in the order of the
// API's documents.
var fields = []struct {
	name string
	read func(cell string) (value any, problem string)
}{
	{"title", plain},
	{"description", plain},
	{"script", plain},
	{"audio_url", plain},
	{"avatar_id", plain},
	{"voice_id", plain},
	{"template_id", plain},
	{"heygen", object},
	{"resolution", plain},
	{"aspect_ratio", plain},
	{"caption", boolean},
	{"priority", integer},
	{"not_before", plain},
	{"notify_url", plain},
}

// groups are the fields whose entries are columns of their own.
var groups = []string{"variables", "metadata"}

func names() []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.name
	}
	return list
}

// Reason is the column of a file of rejected lines that says what is wrong with
// them. It stands first, so that a line with too few cells still has too few; when
// the file is read it is passed over.
const Reason = "rejected_because"

// columnNamed finds the column of a heading.
func columnNamed(name string) (column, bool) {
	if name == Reason {
		return column{name, func(map[string]any, string) string { return "" }}, true
	}
	for _, f := range fields {
		if f.name == name {
			return column{name, func(body map[string]any, cell string) string {
				value, problem := f.read(cell)
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

func plain(cell string) (any, string) { return cell, "" }

func integer(cell string) (any, string) {
	n, err := strconv.Atoi(strings.TrimSpace(cell))
	if err != nil {
		return nil, fmt.Sprintf("%q is no whole number", cell)
	}
	return n, ""
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
