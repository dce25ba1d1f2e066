package sheet

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
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
	{"title", text},
	{"description", text},
	{"script", text},
	{"audio_url", text},
	{"avatar_id", text},
	{"voice_id", text},
	{"template_id", text},
	{"heygen", object},
	{"resolution", text},
	{"aspect_ratio", text},
	{"caption", boolean},
	{"priority", integer},
	{"not_before", text},
	{"notify_url", text},
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

// columnNamed finds the column of a heading.
func columnNamed(name string) (column, bool) {
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

func text(cell string) (any, string) { return cell, "" }

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
	if err := json.Unmarshal([]byte(cell), &value); err != nil || value == nil {
		return nil, `is no JSON object; write one such as {"type": "studio", "scenes": [...]}`
	}
	return json.RawMessage(cell), ""
}
